"""What the database knows of its own tables decides which of the indexes it takes."""

from django.db import connection


def refresh():
    """Let the database look at its tables again: worth its seconds after much was written at once."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
