"""Backup and restore: every row of every table comes back, and nothing is lost by mistake."""

import io
import os
import shutil
import sqlite3
import stat
from contextlib import closing, contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from hubportal import backups, content_log
from tests.builders import populate

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("backups")]
# A copy waits for whoever writes, the test itself too.
committed = pytest.mark.django_db(transaction=True)
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="It is about a file of SQLite.")


@pytest.fixture(scope="module")
def original(tmp_path_factory, django_db_setup, django_db_blocker):
    """A small site that was there once, for pg_dump sees what is committed only: (its backup, its rows)."""
    with django_db_blocker.unblock():
        populate(2)
        original = backups.make(connection, tmp_path_factory.mktemp("original"), keep=1), rows(connection)
        call_command("flush", interactive=False, verbosity=0)
    return original


@pytest.fixture
def backup(original, tmp_path):
    """A copy of the backup that a test may harm."""
    for path in (original[0], backups.sum_of(original[0])):
        shutil.copy2(path, tmp_path)
    return tmp_path / original[0].name


@contextmanager
def another(folder):
    """A connection like the suite's to another, empty database; on SQLite a file in this folder."""
    other, here = connection.copy(), connection.settings_dict
    if other.vendor == "sqlite":
        # Not in memory, as the suite's is.
        path = folder / "other.sqlite3"
        path.touch()
        other.settings_dict = {**here, "NAME": str(path)}
        yield other
        other.close()
        return
    name = f"{here['NAME']}_other"
    other.settings_dict = {**here, "NAME": name}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield other
        finally:
            other.close()
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def other(tmp_path):
    with another(tmp_path) as other:
        yield other


def rows(connection):
    """Every row of every table, and what else a schema holds."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = sorted(cursor.fetchall(), key=repr)
        constraints = {
            table: sorted(connection.introspection.get_constraints(cursor, table)) for table in tables
        }
    return found, constraints


def execute(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_restored_database_has_every_row_of_every_table(original, backup, other):
    backups.restore(other, backup)
    assert rows(other) == original[1]
    assert len(rows(other)[0]["ecosystem_company"]) == 2


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite keeps that in the file.")
def test_restored_database_knows_its_tables(backup, other):
    backups.restore(other, backup)
    with other.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_stats WHERE tablename = 'ecosystem_company'")
        assert cursor.fetchone() > (0,)


def test_restore_leaves_what_is_there_unless_told(backup, other):
    execute(other, "CREATE TABLE precious (word text)")
    with pytest.raises(backups.BackupError, match=r"not empty[.] Say --overwrite"):
        backups.restore(other, backup)
    assert list(rows(other)[0]) == ["precious"]


def test_restore_overwrites_when_told_also_what_a_later_release_made(original, backup, other):
    backups.restore(other, backup)
    execute(other, "DELETE FROM ecosystem_statement_sources")
    execute(other, "CREATE TABLE later (company bigint REFERENCES ecosystem_company (id))")
    execute(other, "ALTER TABLE ecosystem_company ADD COLUMN later text")
    backups.restore(other, backup, overwrite=True)
    assert rows(other) == original[1]


def test_restored_database_takes_new_rows(backup, other):
    """The numbers of rows go on where they were."""
    backups.restore(other, backup)
    with other.cursor() as cursor:
        cursor.execute("SELECT MAX(id) FROM auth_group")
        [highest] = cursor.fetchone()
        cursor.execute("INSERT INTO auth_group (name) VALUES ('new') RETURNING id")
        assert cursor.fetchone() > (highest,)


@committed
def test_backup_is_dated_its_owners_alone_and_has_a_checksum(tmp_path):
    backup = backups.make(connection, tmp_path / "backups", keep=1)
    assert backups.NAME.fullmatch(backup.name)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert backups.sum_of(backup).read_text() == f"{backups.digest(backup)}  {backup.name}\n"
    assert sorted(backup.parent.iterdir()) == [backup, backups.sum_of(backup)]


@committed
def test_backup_deletes_the_oldest_and_nothing_else(tmp_path):
    ending = backups.ENDINGS[connection.vendor]
    old = [tmp_path / f"hubportal-2020010{day}T000000Z.{ending}" for day in (1, 2, 3)]
    for path in old:
        path.touch()
        backups.sum_of(path).touch()
    stranger = tmp_path / f"hubportal-before-the-move.{ending}"
    stranger.touch()
    new = backups.make(connection, tmp_path, keep=2)
    left = [old[2], backups.sum_of(old[2]), new, backups.sum_of(new), stranger]
    assert sorted(tmp_path.iterdir()) == sorted(left)


@committed
def test_backup_that_fails_leaves_no_file(tmp_path, monkeypatch):
    def fail(*args):
        raise backups.BackupError("The disk is on fire.")

    monkeypatch.setattr(backups, "check", fail)
    with pytest.raises(CommandError, match="No backup was made: The disk is on fire"):
        call_command("backup", directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_backup_of_a_database_that_is_not_there_is_refused_in_words(tmp_path, monkeypatch):
    def fail(*args):
        raise OperationalError("There is no database.")

    monkeypatch.setitem(backups.WRITERS, connection.vendor, fail)
    with pytest.raises(CommandError, match="No backup was made: There is no database"):
        call_command("backup", directory=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["a byte", "no checksum", "another kind", "cut short"])
def test_restore_refuses_a_file_that_is_not_what_was_backed_up(backup, other, harm):
    if harm == "a byte":
        content = bytearray(backup.read_bytes())
        content[len(content) // 2] ^= 1
        backup.write_bytes(content)
    elif harm == "no checksum":
        backups.sum_of(backup).unlink()
    elif harm == "another kind":
        backup = backup.rename(backup.with_suffix(".other"))
        backups.sum_of(backup).write_text(f"{backups.digest(backup)}  x")
    else:
        os.truncate(backup, backup.stat().st_size // 2)
        backups.sum_of(backup).write_text(f"{backups.digest(backup)}  x")
    with pytest.raises(backups.BackupError):
        backups.restore(other, backup, overwrite=True)
    assert rows(other)[0] == {}


@committed
def test_commands_say_what_they_did_and_refuse_in_words(tmp_path, monkeypatch):
    printed = io.StringIO()
    call_command("backup", directory=tmp_path, stdout=printed)
    [path] = backups.backups(tmp_path)
    assert printed.getvalue() == f"{path}\n"
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", directory=tmp_path, keep=0)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("restore", tmp_path / "none.dump")
    before = content_log.version()
    monkeypatch.setattr(backups, "restore", lambda *args: None)
    call_command("restore", path, overwrite=True, stdout=printed)
    assert content_log.version() != before


@on_sqlite
def test_restore_reaches_whoever_has_the_file_open(backup, other):
    """A server goes on: it sees the old rows or the new, and never a half."""
    backups.restore(other, backup)
    path = other.path()
    execute(other, "DELETE FROM ecosystem_statement_sources")
    with closing(sqlite3.connect(path, isolation_level=None)) as server:
        count = "SELECT COUNT(*) FROM ecosystem_statement_sources"
        server.execute("BEGIN")
        assert server.execute(count).fetchone() == (0,)
        backups.restore(other, backup, overwrite=True)
        assert server.execute(count).fetchone() == (0,)
        server.execute("COMMIT")
        assert server.execute(count).fetchone() > (0,)
        assert server.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@on_sqlite
@pytest.mark.parametrize("content", [b"junk", os.urandom(2**14)], ids=["short", "long"])
def test_restore_puts_a_broken_file_aside(original, backup, other, content):
    path = other.path()
    path.write_bytes(content)
    with pytest.raises(backups.BackupError, match="Say --overwrite"):
        backups.restore(other, backup)
    backups.restore(other, backup, overwrite=True)
    assert rows(other) == original[1]
    assert path.with_name(f"{path.name}.broken").read_bytes() == content


@on_sqlite
def test_copy_waits_for_whoever_writes_but_not_for_ever(backup, other, monkeypatch):
    backups.restore(other, backup)
    monkeypatch.setattr(backups, "LONGEST_WAIT", 0.3)
    with closing(sqlite3.connect(other.path(), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(backups.BackupError, match="somebody else holds the database"):
            backups.restore(other, backup, overwrite=True)


@on_sqlite
def test_restore_makes_a_file_that_is_missing(original, backup, other):
    other.path().unlink()
    backups.restore(other, backup)
    assert rows(other) == original[1]
    assert stat.S_IMODE(other.path().stat().st_mode) == 0o600
