"""The shipped server with real processes: reloads, kills, and a database that comes and goes."""

import os
import random
import signal
import sqlite3
import threading
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client

from ecosystem.models import Company
from hubportal import backups
from tests.admin_pages import controls
from tests.builders import build
from tests.servers import serving

# One server for the file, and beside it the load of a test alone.
pytestmark = [
    # The file is made from the database of the suite.
    pytest.mark.django_db,
    pytest.mark.xdist_group("serving"),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="The server of these tests has a file."),
]
PAGES = ("/companies/", "/companies.json", "/about/", "/companies/unitree/")


@pytest.fixture(scope="module")
def database(tmp_path_factory, django_db_setup, django_db_blocker):
    """A file with two companies and an editor who is logged in: (path, the editor's cookie)."""
    path = tmp_path_factory.mktemp("database") / "db.sqlite3"
    with django_db_blocker.unblock():
        for slug in ("unitree", "deepseek"):
            build(Company, slug)
        client = Client()
        client.force_login(get_user_model().objects.create_superuser("editor", password="x" * 12))
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        call_command("flush", interactive=False, verbosity=0)
    return path, f"session={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture(scope="module")
def server(database, tmp_path_factory):
    folder, address = tmp_path_factory.mktemp("server"), f"sqlite:///{database[0]}"
    # One process: what it has kept, it has kept for all.
    with serving(folder, DATABASE_URL=address, WEB_CONCURRENCY="1") as server:
        yield server


@pytest.fixture(autouse=True)
def all_is_well(server):
    """Whatever the test before did is over: every process answers from the database."""
    server.wait(lambda: all(server.ask("/readyz").status == 200 for _ in range(4)))


@pytest.fixture
def away(database):
    """The file without its place, for as long as a test lasts."""
    path = database[0]
    path.rename(path.with_name("away"))
    yield path
    path.unlink(missing_ok=True)
    path.with_name("away").rename(path)


def fresh(path="/companies/"):
    """An address that no process has kept a page of."""
    return f"{path}?q={random.random()}"


def kept_pages(server):
    """Ask until each worker has kept every page."""
    for _ in range(6):
        for path in PAGES:
            assert server.ask(path).status == 200


def assert_unavailable(answer):
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert b"Traceback" not in answer.content
    assert answer.seconds < 10


def test_missing_database_leaves_readers_what_was_kept_and_comes_back(server, database):
    kept_pages(server)
    path = database[0]
    path.rename(path.with_name("away"))
    try:
        assert {server.ask(page).status for page in PAGES} == {200}
        for address in (fresh(), fresh("/search/"), "/readyz"):
            assert_unavailable(server.ask(address))
        assert server.ask(fresh("/companies.json")).headers["Content-Type"] == "application/problem+json"
        assert server.ask("/healthz").status == 200
        assert not path.exists()
    finally:
        path.with_name("away").rename(path)
    assert server.wait(lambda: server.ask(fresh()).status == 200, seconds=5) < 5


def test_junk_in_place_of_the_database_is_no_fault_of_ours(server, away):
    away.write_bytes(os.urandom(2**16))
    for address in (fresh(), fresh("/companies.atom"), "/readyz", "/companies.csv"):
        answer = server.ask(address)
        assert answer.status in (200, 503)
        if answer.status == 503:
            assert_unavailable(answer)
    assert_unavailable(server.ask("/readyz"))


def filled_form(server, cookie, slug):
    """The arguments of the request by which the admin's form adds a company."""
    address = "/admin/ecosystem/company/add/"
    page = server.ask(address, Cookie=cookie)
    token = page.headers["Set-Cookie"].partition("csrf=")[2].partition(";")[0]
    body = urlencode(controls(page) | {"slug": slug, "name": slug.title()}, doseq=True)
    headers = {
        "Cookie": f"{cookie}; csrf={token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": "http://testserver",
    }
    return (address, "POST", body), headers


def send(server, form):
    """302 if it was saved."""
    arguments, headers = form
    return server.ask(*arguments, **headers).status


def sent_meanwhile(server, form):
    """A thread that sends a form, and the list of its answers; it has had a second to get into hand."""
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(send(server, form)))
    thread.start()
    time.sleep(1)
    return thread, statuses


def slugs(database):
    with closing(sqlite3.connect(database[0])) as file:
        return {slug for (slug,) in file.execute("SELECT slug FROM ecosystem_company")}


def test_save_waits_behind_a_lock_while_readers_go_on(server, database):
    form = filled_form(server, database[1], "patient")
    with closing(sqlite3.connect(database[0], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        thread, statuses = sent_meanwhile(server, form)
        assert server.ask(fresh()).status == 200
        assert statuses == []
        other.execute("ROLLBACK")
        thread.join()
    assert statuses == [302]
    assert "patient" in slugs(database)


def test_what_was_acknowledged_outlives_the_process(server, database):
    """SIGKILL right behind each answer."""
    acknowledged = {f"kept-{number}" for number in range(3)}
    for slug in acknowledged:
        assert send(server, filled_form(server, database[1], slug)) == 302
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        server.wait(lambda: server.ask("/healthz").status == 200)
    assert acknowledged <= slugs(database)
    backups.check("sqlite", database[0])


class Load:
    """Readers who ask one page after the other until told to stop: their answers, and what went wrong."""

    def __init__(self, server, readers=3):
        self.server, self.is_over, self.statuses, self.failures = server, False, [], []
        self.threads = [threading.Thread(target=self.read) for _ in range(readers)]

    def read(self):
        while not self.is_over:
            try:
                self.statuses.append(self.server.ask(fresh("/about/")).status)
            except OSError as failure:
                self.failures.append(failure)
            time.sleep(0.02)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def test_reload_refuses_and_loses_no_request(server):
    before = set(server.workers())
    with Load(server) as load:
        server.process.send_signal(signal.SIGHUP)
        server.wait(lambda: not before & set(server.workers()))
        asked = len(load.statuses)
        server.wait(lambda: len(load.statuses) > asked + 5)
    assert (load.failures, set(load.statuses)) == ([], {200})


def test_stop_lets_requests_in_hand_finish(database, tmp_path):
    """A save that waits behind a lock when the server is told to go is done."""
    address = f"sqlite:///{database[0]}"
    with serving(tmp_path, DATABASE_URL=address, WEB_CONCURRENCY="1") as server:
        form = filled_form(server, database[1], "last")
        with closing(sqlite3.connect(database[0], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            thread, statuses = sent_meanwhile(server, form)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            other.execute("ROLLBACK")
        thread.join()
        assert (statuses, server.process.wait(timeout=40)) == ([302], 0)
    assert "last" in slugs(database)
