"""What the database knows of its own tables decides which of the indexes it takes."""

from django.db import DEFAULT_DB_ALIAS, connections


def refresh(database=DEFAULT_DB_ALIAS):
    """Let the database look at its tables again: worth its seconds after much was written.

    PostgreSQL does so by itself now and then, SQLite never does, and takes any index for a good one.
    """
    with connections[database].cursor() as cursor:
        cursor.execute("ANALYZE")
