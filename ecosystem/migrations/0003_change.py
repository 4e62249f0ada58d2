"""The change log."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ecosystem", "0002_search_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                ("slug", models.CharField(max_length=80)),
                ("at", models.DateTimeField(verbose_name="committed at")),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, help_text="When readers could first see it; empty: never.", null=True
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("published", "Published"),
                            ("changed", "Changed"),
                            ("withdrawn", "Withdrawn"),
                            ("deleted", "Deleted"),
                            ("redacted", "Removed from history"),
                        ],
                        max_length=9,
                    ),
                ),
                ("summary", models.TextField(blank=True, help_text="The names of the fields that changed.")),
                ("reason", models.CharField(blank=True, help_text="Readers see it.", max_length=300)),
                (
                    "snapshot",
                    models.JSONField(
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        help_text="Empty once redacted.",
                        null=True,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["kind", "object_id", "id"], name="change_by_record_idx"),
                    models.Index(fields=["published_at", "id"], name="change_public_idx"),
                ],
            },
        ),
    ]
