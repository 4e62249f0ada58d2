"""Django's PostgreSQL, for a server that goes on when the database hangs.

PostgreSQL bounds a statement with `statement_timeout`, which is of no use if it is the database's machine
that does not answer. So the bound is kept on this side, and it holds for locks and slow queries as well.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout

from hubportal.patience import PAUSE, SAVING, patience

# Seconds for the database to hear that a question is withdrawn, and to say so.
CANCEL = 0.3


class DatabaseWrapper(base.DatabaseWrapper):
    # Of this process: time.monotonic() until which no new connection is tried; 0 while all is well.
    silent_until = 0

    def get_connection_params(self):
        # Two is the least that libpq takes; a reader waits less.
        return {"connect_timeout": 2, **super().get_connection_params()}

    def get_new_connection(self, conn_params):
        # Whoever saves tries all the same, and waits for two seconds at most.
        if DatabaseWrapper.silent_until and patience.get() not in (None, SAVING):
            if time.monotonic() < DatabaseWrapper.silent_until:
                raise psycopg.OperationalError("The database did not answer a moment ago.")
            # This request tries; others need not wait with it.
            be_silent()
        # No context manager: that would wait for a connection that nobody waits for any more.
        executor = ThreadPoolExecutor(1)
        made = executor.submit(super().get_new_connection, conn_params)
        executor.shutdown(wait=False)
        try:
            connection = made.result(timeout=patience.get())
        except (TimeoutError, psycopg.errors.ConnectionTimeout):
            be_silent()
            made.add_done_callback(discard)
            raise psycopg.OperationalError("The database does not take connections.") from None
        DatabaseWrapper.silent_until = 0
        make_impatient(connection)
        # Its compiler takes seconds over a question that is answered in milliseconds, and cannot be stopped.
        connection.execute("SET jit = off")
        connection.commit()
        return connection


def discard(made):
    if not made.exception():
        made.result().close()


def make_impatient(connection):
    """Let no question to this connection take longer than the request in hand may wait."""
    wait = connection.wait

    def wait_patiently(gen, *args, **options):
        try:
            return wait(gen, *args, **{"timeout": patience.get(), **options})
        except _WaitTimeout:
            give_up(connection, wait, gen)
            raise psycopg.OperationalError(f"No answer within {patience.get()} seconds.") from None

    connection.wait = wait_patiently


def give_up(connection, wait, gen):
    """Stop a question that is merely slow; from a database that does not even hear that, part for a while."""
    try:
        connection.cancel_safe(timeout=CANCEL)
        wait(gen, timeout=CANCEL)
    except psycopg.errors.QueryCanceled:
        pass
    except psycopg.Error:
        # An answer that comes later must not be taken for that to another question.
        connection.close()
        be_silent()


def be_silent():
    DatabaseWrapper.silent_until = time.monotonic() + PAUSE
