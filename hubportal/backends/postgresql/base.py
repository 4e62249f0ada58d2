"""Django's PostgreSQL, for a server that goes on when the database hangs.

PostgreSQL bounds a statement with `statement_timeout`, which is of no use if it is the database's machine
that does not answer. So the bound is kept on this side, and it holds for locks and slow queries as well.
"""

import time

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout

from hubportal.patience import PAUSE, patience


class DatabaseWrapper(base.DatabaseWrapper):
    # Of this process: time.monotonic() until which no new connection is tried; 0 while all is well.
    silent_until = 0

    def get_connection_params(self):
        # Two is the least that libpq takes.
        return {"connect_timeout": 2, **super().get_connection_params()}

    def get_new_connection(self, conn_params):
        if patience.get() and DatabaseWrapper.silent_until:
            if time.monotonic() < DatabaseWrapper.silent_until:
                raise psycopg.OperationalError("The database did not answer a moment ago.")
            # This request tries; others need not wait with it.
            be_silent()
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.errors.ConnectionTimeout:
            be_silent()
            raise
        DatabaseWrapper.silent_until = 0
        make_impatient(connection)
        return connection


def make_impatient(connection):
    """Let no question to this connection take longer than the request in hand may wait."""
    wait = connection.wait

    def wait_patiently(gen, *args, **options):
        try:
            return wait(gen, *args, **{"timeout": patience.get(), **options})
        except _WaitTimeout:
            # An answer that comes later must not be taken for that to another question.
            connection.close()
            be_silent()
            raise psycopg.OperationalError(f"No answer within {patience.get()} seconds.") from None

    connection.wait = wait_patiently


def be_silent():
    DatabaseWrapper.silent_until = time.monotonic() + PAUSE
