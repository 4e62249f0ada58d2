"""The search index: derived from records, never the truth. `manage.py reindex` rebuilds it."""

from django.db import models

from ecosystem.querysets import SearchEntryQuerySet


class SearchEntry(models.Model):
    """The tokens of one record. The database keeps a full-text index of both columns (migration 0002)."""

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    title = models.TextField()
    body = models.TextField()

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="%(app_label)s_%(class)s_one_each")
        ]

    def __str__(self):
        return f"{self.kind} {self.object_id}"
