"""The search index: derived from records, never the truth. `manage.py reindex` rebuilds it."""

from django.db import connections, models
from django.db.models import ExpressionWrapper
from django.db.models.expressions import RawSQL


class SearchEntryQuerySet(models.QuerySet):
    """Full-text matches by FTS5 or tsvector; `match` is in the database's own query language (search.py)."""

    def matching(self, match):
        if connections[self.db].vendor == "postgresql":
            found = RawSQL("tokens @@ to_tsquery('simple', %s)", [match])
            return self.annotate(found=ExpressionWrapper(found, models.BooleanField())).filter(found=True)
        return self.filter(pk__in=RawSQL("SELECT rowid FROM ecosystem_searchfts(%s)", [match]))


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
