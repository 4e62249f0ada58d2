"""From nothing to a site that answers; and once more, over what was edited."""

import http.cookiejar
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from ecosystem.management.commands import quickstart
from ecosystem.models import Company, Place, Sector, Source, Statement
from hubportal.environment import BASE_DIR
from tests.servers import free_port

PASSWORD = re.compile(r"name editor, password (\S+) ")
# A minute is what a user may wait; here other tests want the same cores.
SECONDS_TO_ANSWER = 150


@pytest.fixture
def run(db, settings, tmp_path):
    """Set up without serving, and return what was printed."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.DATASET_DIR = tmp_path / "dataset"

    def run(**options):
        printed = io.StringIO()
        call_command("quickstart", **{"serve": False, "stdout": printed, **options})
        return printed.getvalue()

    return run


@pytest.fixture
def company(db):
    """One that somebody entered: quickstart then leaves the content alone."""
    return Company.objects.create(slug="mine", name="Mine")


@pytest.fixture
def execv(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "execv", lambda *arguments: calls.append(arguments))
    # The test goes on where the process would have been replaced.
    monkeypatch.setattr(quickstart.connections, "close_all", lambda: None)
    return calls


@pytest.fixture
def port():
    return free_port()


def rows(fixture):
    return json.loads((BASE_DIR / "fixtures" / f"{fixture}.json").read_text(encoding="utf-8"))


def test_quickstart_loads_the_content_and_then_keeps_what_was_edited(run, tmp_path):
    assert "shown this once" in run()
    counts = {
        name: model.objects.count() for name, model in [("companies", Company), ("statements", Statement)]
    }
    assert counts == {name: len(rows(name)) for name in counts}
    assert (tmp_path / "static" / "admin" / "css" / "base.css").is_file()

    edited, deleted = Company.objects.all()[0], Statement.objects.all()[0]
    Company.objects.filter(pk=edited.pk).update(summary="Edited by hand.")
    deleted.delete()
    printed = run()

    edited.refresh_from_db()
    assert edited.summary == "Edited by hand."
    assert not Statement.objects.filter(reference=deleted.reference).exists()
    assert "kept as it is" in printed


def test_quickstart_with_content_loads_none(run, company):
    run()
    assert Company.objects.get() == company
    assert not Source.objects.exists()


def test_quickstart_interrupted_while_loading_leaves_nothing(run, monkeypatch):
    monkeypatch.setattr(quickstart, "FIXTURES", ("sectors", "places", "no-such-file"))
    with pytest.raises(CommandError, match="no-such-file"):
        run()
    assert not Sector.objects.exists()
    assert not Place.objects.exists()


@pytest.mark.usefixtures("company")
def test_quickstart_makes_an_editor_with_the_password_it_prints(run):
    password = PASSWORD.search(run())[1]
    editor = authenticate(username="editor", password=password)
    assert (editor.is_staff, editor.is_superuser) == (True, False)
    assert [group.name for group in editor.groups.all()] == ["Chief editor"]


@pytest.mark.usefixtures("company")
def test_quickstart_makes_another_password_each_time(run):
    first = PASSWORD.search(run())[1]
    get_user_model().objects.get(username="editor").delete()
    second = PASSWORD.search(run())[1]
    assert first != second
    assert min(len(first), len(second)) >= 16


@pytest.mark.usefixtures("company")
def test_quickstart_run_again_prints_no_password_and_keeps_the_old(run):
    password = PASSWORD.search(run())[1]
    printed = run()
    assert not PASSWORD.search(printed)
    assert password not in printed
    assert "uv run manage.py changepassword editor" in printed
    assert authenticate(username="editor", password=password)


@pytest.mark.usefixtures("company")
def test_quickstart_hands_over_to_gunicorn(run, execv, port, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://hub.example.org")
    printed = run(serve=True, bind=f"127.0.0.1:{port}")
    [(program, arguments)] = execv
    assert program == arguments[0] == sys.executable
    assert arguments[1:4] == ["-m", "gunicorn", "hubportal.wsgi"]
    assert arguments[arguments.index("--config") + 1] == str(BASE_DIR / "deploy" / "gunicorn.conf.py")
    assert arguments[arguments.index("--bind") + 1] == f"127.0.0.1:{port}"
    assert f"http://127.0.0.1:{port}/admin/" in printed
    assert os.environ["SITE_URL"] == "https://hub.example.org"


@pytest.mark.usefixtures("company", "execv")
def test_quickstart_on_another_port_gives_links_that_port(run, port, monkeypatch):
    monkeypatch.delenv("SITE_URL")
    run(serve=True, bind=f"127.0.0.1:{port}")
    assert os.environ["SITE_URL"] == f"http://127.0.0.1:{port}"


def test_quickstart_on_a_taken_port_says_so_and_does_nothing(run, execv):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            CommandError, match=f"Cannot serve on 127.0.0.1 port {port}: Address already in use"
        ):
            run(serve=True, bind=f"127.0.0.1:{port}")
    assert not Company.objects.exists()
    assert execv == []


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:", ":8000", "127.0.0.1:0", "127.0.0.1:65536", "h:x"])
def test_quickstart_with_a_bad_address_says_what_is_good(run, bind):
    with pytest.raises(CommandError, match="Give a host and a port"):
        run(bind=bind)


def test_address_takes_brackets_off():
    assert quickstart.address("[::1]:8000") == ("::1", 8000)


class Browser:
    """A visitor with cookies, over the network."""

    def __init__(self, base):
        self.base = base
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, path, data=None, **headers):
        body = urllib.parse.urlencode(data).encode() if data else None
        request = urllib.request.Request(self.base + path, body, headers)  # noqa: S310 (always http)
        try:
            response = self.opener.open(request, timeout=20)
        except urllib.error.HTTPError as refusal:
            response = refusal
        with response:
            return response.status, response.headers, response.read()

    def answers(self, path):
        try:
            return self.get(path)[0] == 200
        except OSError:
            return False


@pytest.fixture
def served(tmp_path, port):
    """A first run as a user starts it, from another directory, on a machine where nothing is set."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "ENV_FILE": str(tmp_path / ".env"),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "STATIC_ROOT": str(tmp_path / "static"),
        "DATASET_DIR": str(tmp_path / "dataset"),
    }
    log = tmp_path / "log"
    command = [sys.executable, str(BASE_DIR / "manage.py"), "quickstart", "--bind", f"127.0.0.1:{port}"]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process, Browser(f"http://127.0.0.1:{port}"), log
    finally:
        # Not SIGKILL: workers whose master is gone linger, and hold the port.
        process.terminate()
        process.wait(timeout=40)


def wait_for_answer(process, browser, log):
    end = time.monotonic() + SECONDS_TO_ANSWER
    while not browser.answers("/healthz"):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


def test_quickstart_from_nothing_serves_site_files_and_login(served, tmp_path):
    process, browser, log = served
    wait_for_answer(process, browser, log)

    assert browser.get("/")[0] == 200, log.read_text()
    manifest = json.loads(browser.get("/data/dataset.json")[2])
    assert (manifest["source"], manifest["records"]["companies"]) == (browser.base, len(rows("companies")))
    page = browser.get("/admin/")[2].decode()
    stylesheet = re.search(r'"(/static/ecosystem/account\.[0-9a-f]{12}\.css)"', page)[1]
    _, headers, _ = browser.get(stylesheet, **{"Accept-Encoding": "br"})
    assert headers["Content-Encoding"] == "br"
    assert "immutable" in headers["Cache-Control"]

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"login": "editor", "password": PASSWORD.search(log.read_text())[1], "next": "/admin/"}
    status, _, body = browser.get("/accounts/login/", {**form, "csrfmiddlewaretoken": token})
    assert (status, b"logout" in body) == (200, True)

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0, log.read_text()
    # No control socket, no cache: nothing but what the environment named.
    left = {path.name for path in tmp_path.iterdir()} - {"db.sqlite3-wal", "db.sqlite3-shm"}
    assert left == {".env", "db.sqlite3", "static", "dataset", "log"}
