"""The migrations and the models: neither may be ahead of the other."""

import pytest
from django.core.management import call_command
from django.db import connection

from ecosystem.models import SearchEntry, Source
from hubportal import backups
from tests.builders import populate
from tests.test_backups import another, rows


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# Whatever release somebody's database is of, its state lies between this one and the newest, so that going
# from here to there passes through it.
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
def test_upgrade_keeps_every_row_and_rollback_brings_the_old_ones_back(tmp_path):
    """All migrations back and forwards again; then backups of both ends, as deploy/README.md has it."""
    populate(2)
    newest = content()
    try:
        migrate("ecosystem", OLDEST)
        old, old_rows = content(), rows(connection)
        assert common(old, newest) == common(newest, old)
        before = backups.make(connection, tmp_path / "before", keep=1)
    finally:
        migrate()
    again = content()
    assert common(again, old) == common(old, again)
    source = Source.objects.order_by("pk")[0]
    assert source.normal_url == newest["ecosystem_source"][source.pk]["normal_url"]
    call_command("reindex", verbosity=0)
    assert SearchEntry.objects.exists()
    after = backups.make(connection, tmp_path / "after", keep=1)
    with another(tmp_path) as upgraded:
        backups.restore(upgraded, after)
        assert rows(upgraded) == rows(connection) != old_rows
        backups.restore(upgraded, before, overwrite=True)
        assert rows(upgraded) == old_rows
