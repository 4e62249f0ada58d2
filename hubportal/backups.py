"""Copies of the whole database, each checked when it is made and again before it takes a database's place.

SQLite is copied by its own backup interface, while others read and write; PostgreSQL by pg_dump. A backup is
one file, with its SHA-256 beside it as `sha256sum -c` reads it.
"""

import os
import re
import sqlite3
import subprocess  # nosec B404
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from django.db.backends.sqlite3._functions import register

ENDINGS = {"sqlite": "sqlite3", "postgresql": "dump"}
NAME = re.compile(r"hubportal-\d{8}T\d{6}Z\.(sqlite3|dump)")

# Seconds to wait for whoever writes to a SQLite database.
LONGEST_WAIT = 60
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class BackupError(Exception):
    """Why there is no backup, or no restore, as a sentence."""


def backups(directory):
    """All that are whole, the oldest first."""
    return sorted(path for path in directory.glob("hubportal-*") if NAME.fullmatch(path.name))


def make(connection, directory, keep):
    """Write and check a backup, then delete all but the newest `keep`. Returns its path."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"hubportal-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{ENDINGS[connection.vendor]}"
    # The scratch file is its owner's alone, and a backup that stops half-way never gets the name of one.
    handle, scratch = tempfile.mkstemp(prefix=".", suffix=f".{name}", dir=directory)
    scratch = Path(scratch)
    try:
        WRITERS[connection.vendor](connection, scratch)
        check(connection.vendor, scratch)
        os.fsync(handle)
        sum_of(directory / name).write_text(f"{digest(scratch)}  {name}\n", encoding="utf-8")
        scratch.replace(directory / name)
    except sqlite3.DatabaseError as problem:
        raise BackupError(f"{problem}.") from None
    finally:
        os.close(handle)
        scratch.unlink(missing_ok=True)
    for path in backups(directory)[:-keep]:
        path.unlink()
        sum_of(path).unlink(missing_ok=True)
    return directory / name


def restore(connection, path, overwrite=False):
    """Put a backup in the place of the database, all of it or nothing; `overwrite` what is there."""
    verify(path)
    if path.suffix != f".{ENDINGS[connection.vendor]}":
        raise BackupError(f"{path.name} is no backup of {connection.display_name}.")
    check(connection.vendor, path)
    READERS[connection.vendor](connection, path, overwrite)
    connection.close()


def verify(path):
    """Refuse a file that is not the one that was written."""
    try:
        expected = sum_of(path).read_text(encoding="utf-8").split()[0]
        found = digest(path)
    except (OSError, IndexError) as problem:
        raise BackupError(f"{path} or its checksum {sum_of(path).name} cannot be read: {problem}.") from None
    if found != expected:
        raise BackupError(f"{path} is not what was backed up: its SHA-256 is another.")


def sum_of(path):
    return path.with_name(f"{path.name}.sha256")


def digest(path):
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def refuse(is_empty, overwrite):
    if not (is_empty or overwrite):
        raise BackupError("The database is not empty. Say --overwrite to lose what is in it.")


def check(vendor, path):
    """Read all of a backup."""
    if vendor == "postgresql":
        run(["pg_restore", "--file", os.devnull, str(path)])
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            # Constraints are checked as well, and some of them call Django's functions.
            register(file)
            found = file.execute("PRAGMA integrity_check").fetchall()
            found += file.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as problem:
        found = [(problem,)]
    if found != [("ok",)]:
        raise BackupError(f"{path} is not whole: {found[0][0]}.")


def write_sqlite(connection, path):
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        copy_rows(connection.connection, copy)
        # One file, which needs no second beside it to be read.
        copy.execute("PRAGMA journal_mode = DELETE")


def read_sqlite(connection, path, overwrite):
    """Into the file as it is, as one transaction: whoever has it open sees the old rows, then the new.

    A file that is no database any more is put aside, and a new one takes its name.
    """
    target = connection.path()
    refuse(is_empty_sqlite(target), overwrite)
    connection.close()
    try:
        copy_sqlite(path, target)
    except sqlite3.DatabaseError as problem:
        if isinstance(problem, sqlite3.OperationalError):
            raise BackupError(f"Nothing was restored: {problem}. Stop the site, and try again.") from None
        for suffix in ("", "-wal", "-shm"):
            part = target.with_name(target.name + suffix)
            if part.exists():
                part.replace(target.with_name(f"{target.name}.broken{suffix}"))
        copy_sqlite(path, target)


def copy_sqlite(path, target):
    target.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target, timeout=0)) as file:
        copy_rows(source, file)


def copy_rows(source, target):
    """All in one step, once nobody else writes; SQLite itself would wait for that without end."""
    began = time.monotonic()

    def give_up(status, remaining, total):
        if status in LOCKED and time.monotonic() - began > LONGEST_WAIT:
            raise sqlite3.OperationalError("somebody else holds the database")

    source.backup(target, progress=give_up)


def is_empty_sqlite(path):
    """Whether there is nothing to lose; what cannot be read may be worth something."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as file:
            return file.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    except sqlite3.DatabaseError:
        return False


def write_postgresql(connection, path):
    run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", str(path)], connection)


def read_postgresql(connection, path, overwrite):
    """As one transaction, without tables that a later release has made: its migrations make them again."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    refuse(not tables, overwrite)
    connection.close()
    drop = "".join(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE;" for table in tables)
    with tempfile.TemporaryDirectory() as scratch:
        script = f"{scratch}/script.sql"
        options = ["--clean", "--if-exists", "--no-owner", "--no-privileges"]
        run(["pg_restore", *options, "--file", script, str(path)])
        options = ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
        prelude = f"SET client_min_messages = warning; {drop}"
        # A dump holds nothing of what PostgreSQL knows of its tables, and without that it answers slowly.
        run(["psql", *options, "-c", prelude, "-f", script, "-c", "ANALYZE"], connection)


def run(command, connection=None):
    """Run a program of PostgreSQL's; its password never shows in a list of processes."""
    environment = None
    if connection:
        arguments, secrets = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
        command = [*command, *arguments[1:]]
        environment = {**os.environ, **(secrets or {})}
    try:
        # Programs and options of this file, names of the settings.
        done = subprocess.run(  # noqa: S603  # nosec B603
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupError(
            f"{command[0]} is not installed. On Debian: apt install postgresql-client"
        ) from None
    if done.returncode:
        raise BackupError(f"{command[0]} failed: {done.stderr.strip()}")


WRITERS = {"sqlite": write_sqlite, "postgresql": write_postgresql}
READERS = {"sqlite": read_sqlite, "postgresql": read_postgresql}
