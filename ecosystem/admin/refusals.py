"""What the database refuses to write, in the words of the constraint that a row breaks."""

from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction


def leave_to_database(row):
    """Let a form ask for no constraint before it saves this row: each would be a question of its own."""
    row.validate_constraints = row.validate_unique = lambda exclude=None: None


@contextmanager
def refusals_in_words(row):
    """Raise a ValidationError where the database refuses the row that is saved inside."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise in_words(str(error), row) or error from error


def in_words(error, row):
    """What a database's sentence about a broken constraint means; None if it is about none of the row's."""
    opts = row._meta
    for constraint in opts.constraints:
        if constraint.name in error:
            return ValidationError(constraint.violation_error_message)
    for field in opts.fields:
        # SQLite names the column, PostgreSQL the key.
        if field.unique and (f"{opts.db_table}.{field.column}" in error or f"({field.column})=" in error):
            return ValidationError({field.name: row.unique_error_message(type(row), (field.name,))})
    return None
