"""The migrations and the models: neither may be ahead of the other."""

import pytest
from django.core.management import call_command
from django.db import connection

from ecosystem.models import SearchEntry, Source
from tests.builders import populate


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# Whatever release somebody's database is of, its state lies between this one and the newest.
OLDEST = "0001_initial"


def content():
    """{table: {primary key: {column: value}}} of all that the app keeps, but for what is derived from it."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("ecosystem_") and "search" not in table:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
                names = [column[0] for column in cursor.description]
                rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
                found[table] = {row["id"]: row for row in rows}
    return found


def common(rows, others):
    """These rows, with the columns that the others have as well."""
    return {
        table: {
            key: {name: value for name, value in row.items() if name in others[table][key]}
            for key, row in found.items()
        }
        for table, found in rows.items()
        if table in others
    }


def migrate(*target):
    call_command("migrate", *target, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_rows_come_through_all_migrations_back_and_forwards():
    populate(2)
    newest = content()
    try:
        migrate("ecosystem", OLDEST)
        old = content()
        assert common(old, newest) == common(newest, old)
    finally:
        migrate()
    again = content()
    assert common(again, old) == common(old, again)
    source = Source.objects.order_by("pk")[0]
    assert source.normal_url == newest["ecosystem_source"][source.pk]["normal_url"]
    call_command("reindex", verbosity=0)
    assert SearchEntry.objects.exists()
