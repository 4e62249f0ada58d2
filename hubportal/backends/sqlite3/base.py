"""Django's SQLite, for a server that outlives what happens to the file.

SQLite makes a file that is missing, and a connection to one that was moved away or replaced goes on reading
and writing what nobody will see again. Here only `migrate` makes a file, and every request looks whether the
one behind its connection still bears the name.
"""

import sqlite3
from datetime import datetime
from pathlib import Path

from django.db.backends.sqlite3 import base

from hubportal.files import identity
from hubportal.patience import READING, SAVING, patience


class DatabaseFeatures(base.DatabaseFeatures):
    # Django asks the database, and so no command would run before there is one. Since SQLite 3.38 it is so.
    supports_json_field = True


class DatabaseOperations(base.DatabaseOperations):
    def convert_datetimefield_value(self, value, expression, connection):
        """As Django does it, who asks the settings about each: a twentieth of the time of a long file."""
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=self.connection.timezone)
        return super().convert_datetimefield_value(value, expression, connection)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    opened = None

    def path(self):
        """Where the file is; None for a database in memory."""
        name = self.settings_dict["NAME"]
        return None if self.creation.is_in_memory_db(name) else Path(name).absolute()

    def get_connection_params(self):
        params = {**super().get_connection_params(), "timeout": seconds()}
        if path := self.path():
            params["database"] = f"{path.as_uri()}?mode=rw"
        return params

    def get_new_connection(self, conn_params):
        if path := self.path():
            self.opened = identity(path)
            if self.opened is None:
                raise sqlite3.OperationalError(f"There is no database at {path}: manage.py migrate makes it.")
        return super().get_new_connection(conn_params)

    def is_usable(self):
        """Asked before the first query of a request, which sets how long the request waits for a lock."""
        path = self.path()
        if path and identity(path) != self.opened:
            return False
        try:
            self.connection.execute(f"PRAGMA busy_timeout = {seconds() * 1000}")
            self.connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            # Locked, perhaps: another connection would find the same.
            return True
        except sqlite3.DatabaseError:
            return False
        return True


def seconds():
    return READING if patience.get() == READING else SAVING
