"""The table of Django's database cache: made with all others, so that nobody has to remember a command.

It is made where REDIS_URL is set too, for that setting may go again.
"""

from django.core.management import call_command
from django.db import migrations

TABLE = "cache_entries"


def make_table(apps, schema_editor):
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


def drop_table(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {schema_editor.quote_name(TABLE)}")


class Migration(migrations.Migration):
    dependencies = [("ecosystem", "0003_change")]
    operations = [migrations.RunPython(make_table, drop_table)]
