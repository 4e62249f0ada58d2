"""The search index, and the full-text index that each database keeps of it."""

from django.db import migrations, models

# Triggers keep the full-text table in step, so that plain saves and deletes are enough.
SQLITE = [
    "CREATE VIRTUAL TABLE ecosystem_searchfts USING fts5(title, body, prefix='2 3 4 6')",
    """
    CREATE TRIGGER ecosystem_searchentry_added AFTER INSERT ON ecosystem_searchentry BEGIN
      INSERT INTO ecosystem_searchfts(rowid, title, body) VALUES (new.id, new.title, new.body);
    END
    """,
    """
    CREATE TRIGGER ecosystem_searchentry_removed AFTER DELETE ON ecosystem_searchentry BEGIN
      DELETE FROM ecosystem_searchfts WHERE rowid = old.id;
    END
    """,
    """
    CREATE TRIGGER ecosystem_searchentry_changed AFTER UPDATE ON ecosystem_searchentry BEGIN
      UPDATE ecosystem_searchfts SET title = new.title, body = new.body WHERE rowid = old.id;
    END
    """,
]
SQLITE_BACK = [
    "DROP TRIGGER ecosystem_searchentry_added",
    "DROP TRIGGER ecosystem_searchentry_removed",
    "DROP TRIGGER ecosystem_searchentry_changed",
    "DROP TABLE ecosystem_searchfts",
]
# MAIN storage: PostgreSQL thinks that vectors kept apart are free to read, and scans them. A row that is
# longer than a page still goes apart, which PLAIN would refuse.
POSTGRESQL = [
    """
    ALTER TABLE ecosystem_searchentry ADD COLUMN tokens tsvector GENERATED ALWAYS AS (
      setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')
    ) STORED
    """,
    "ALTER TABLE ecosystem_searchentry ALTER COLUMN tokens SET STORAGE MAIN",
    "CREATE INDEX ecosystem_searchentry_tokens ON ecosystem_searchentry USING gin (tokens)",
]
POSTGRESQL_BACK = ["ALTER TABLE ecosystem_searchentry DROP COLUMN tokens"]


def run(sqlite, postgresql):
    def operation(apps, schema_editor):
        for statement in postgresql if schema_editor.connection.vendor == "postgresql" else sqlite:
            schema_editor.execute(statement)

    return operation


class Migration(migrations.Migration):
    dependencies = [("ecosystem", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                ("title", models.TextField()),
                ("body", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "object_id"), name="ecosystem_searchentry_one_each"
                    )
                ],
            },
        ),
        migrations.RunPython(run(SQLITE, POSTGRESQL), run(SQLITE_BACK, POSTGRESQL_BACK)),
    ]
