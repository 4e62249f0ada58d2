"""The databases' own parts of the portal: what becomes of a connection whose database is no longer there."""

import gc
import os
import signal
import socket
import sqlite3
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from ecosystem.models import Company
from hubportal import patience
from hubportal.backends.postgresql import base as postgresql
from hubportal.backends.sqlite3.base import DatabaseWrapper

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="It is PostgreSQL's backend.")


@pytest.fixture
def path(tmp_path):
    """A database with one table."""
    path = tmp_path / "hub?#.sqlite3"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE noted (word)")
    file.close()
    return path


@pytest.fixture
def hub(path, django_db_blocker):
    """The portal's connection to that database, as a server holds one."""
    hub = DatabaseWrapper({**connections.settings["default"], **SQLITE, "NAME": str(path)})
    with django_db_blocker.unblock():
        yield hub
        hub.close()


SQLITE = {
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
}


def query(hub, sql="SELECT COUNT(*) FROM noted"):
    """What one request asks."""
    hub.close_if_unusable_or_obsolete()
    with hub.cursor() as cursor:
        return cursor.execute(sql).fetchone()


def test_missing_file_is_an_error_in_words_and_is_not_made(hub, path):
    path.unlink()
    with pytest.raises(OperationalError, match=r"There is no database at .*hub\?#.*migrate makes it"):
        query(hub)
    assert not path.exists()


def test_file_that_was_moved_away_is_neither_read_nor_written(hub, path):
    assert query(hub) == (0,)
    path.rename(path.with_name("away"))
    for sql in ("SELECT COUNT(*) FROM noted", "INSERT INTO noted VALUES (1)"):
        with pytest.raises(OperationalError, match="There is no database"):
            query(hub, sql)
    path.with_name("away").rename(path)
    assert query(hub) == (0,)


def test_file_that_was_replaced_is_the_one_that_is_read(hub, path):
    query(hub)
    other = path.with_name("other")
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE noted (word)")
        file.execute("INSERT INTO noted VALUES ('other')")
    file.close()
    hub.close()
    query(hub)
    other.replace(path)
    assert query(hub) == (1,)


# Django drops a connection that it could not set up, and leaves closing it to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_junk_is_an_error_and_the_file_put_right_is_read_again(hub, path):
    query(hub)
    hub.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # What the connection has in memory it would go on to tell.
    hub.connection.execute("PRAGMA shrink_memory")
    good = path.read_bytes()
    path.write_bytes(os.urandom(len(good)))
    with pytest.raises(DatabaseError, match=r"not a database|malformed"):
        query(hub)
    path.write_bytes(good)
    assert query(hub) == (0,)
    gc.collect()


@pytest.mark.parametrize(("waiting", "milliseconds"), [(None, 20000), (20, 20000), (1, 1000)])
def test_reader_waits_less_for_a_lock_than_whoever_saves(hub, waiting, milliseconds):
    """Also on a connection that another request used before, with another patience."""
    for before in (patience.READING, patience.SAVING):
        token = patience.patience.set(before)
        query(hub)
        patience.patience.set(waiting)
        assert query(hub, "PRAGMA busy_timeout") == (milliseconds,)
        hub.close()
        assert query(hub, "PRAGMA busy_timeout") == (milliseconds,)
        patience.patience.reset(token)


def test_migrate_makes_the_file_for_its_owner_alone(hub, path, monkeypatch):
    path.unlink()
    monkeypatch.setattr(backend(), "path", lambda self: path, raising=False)
    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", lambda *a, **o: None)
    looks = []
    monkeypatch.setattr("hubportal.statistics.refresh", looks.append)
    call_command("migrate", verbosity=0)
    assert (path.stat().st_size, path.stat().st_mode & 0o777) == (0, 0o600)
    call_command("migrate", verbosity=0)
    assert looks == ["default"] * 2, "a table made anew is one that SQLite knows nothing of"


def test_migrate_where_no_file_can_be_made_says_so(path, monkeypatch):
    monkeypatch.setattr(backend(), "path", lambda self: path / "in a file", raising=False)
    with pytest.raises(CommandError, match=r"Cannot make the database .*: Not a directory"):
        call_command("migrate", verbosity=0)


@pytest.fixture
def other():
    """A second connection to the test's PostgreSQL database."""
    other = connection.copy()
    yield other
    other.close()


def backend():
    return type(connections["default"])


@pytest.fixture
def reading():
    token = patience.patience.set(0.3)
    yield
    patience.patience.reset(token)
    postgresql.DatabaseWrapper.silent_until = 0


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_slow_question_is_withdrawn_and_the_connection_stays(other, reading):
    other.ensure_connection()
    before = other.connection
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ecosystem_company")
        with pytest.raises(OperationalError, match=r"No answer within 0.3 seconds"):
            query(other, "SELECT COUNT(*) FROM ecosystem_company")
        assert query(other, "SELECT 1") == (1,)
    assert query(other, "SELECT COUNT(*) FROM ecosystem_company") == (0,)
    assert other.connection is before
    assert postgresql.DatabaseWrapper.silent_until == 0


@on_postgresql
@pytest.mark.django_db
def test_questions_are_not_compiled():
    with connection.cursor() as cursor:
        assert cursor.execute("SHOW jit").fetchone() == ("off",)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_database_that_hangs_is_left_alone_for_a_while(other, reading):
    """A server process that is stopped answers nothing, as a machine that is gone."""
    other.ensure_connection()
    process = other.connection.info.backend_pid
    if "postgres" not in Path(f"/proc/{process}/comm").read_text():
        pytest.skip("The server of this database is on another machine.")
    os.kill(process, signal.SIGSTOP)
    try:
        with pytest.raises(OperationalError, match=r"No answer within 0.3 seconds"), other.cursor() as cursor:
            cursor.execute("SELECT 1")
        with pytest.raises(OperationalError, match="did not answer a moment ago"):
            query(other, "SELECT 1")
        # Only this one of the database's processes hangs: who saves finds that another answers.
        token = patience.patience.set(patience.SAVING)
        assert query(other, "SELECT 1") == (1,)
        patience.patience.reset(token)
        other.close()
    finally:
        os.kill(process, signal.SIGCONT)
    postgresql.DatabaseWrapper.silent_until = time.monotonic() - 1
    assert query(other, "SELECT 1") == (1,)
    assert postgresql.DatabaseWrapper.silent_until == 0


def test_database_that_takes_no_connection_is_given_up(tmp_path, reading, django_db_blocker):
    """Something listens, and never answers."""
    with socket.socket(socket.AF_UNIX) as deaf, django_db_blocker.unblock():
        deaf.bind(str(tmp_path / ".s.PGSQL.5432"))
        deaf.listen()
        settings = {**connections.settings["default"], "HOST": str(tmp_path), "PORT": 5432, "OPTIONS": {}}
        hub = postgresql.DatabaseWrapper({**settings, "NAME": "hub", "USER": "hub"})
        for message in ("does not take connections", "did not answer a moment ago"):
            with pytest.raises(OperationalError, match=message):
                query(hub, "SELECT 1")


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_command_waits_as_long_as_it_takes(other):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")
    assert Company.objects.count() == 0
    assert patience.patience.get() is None
