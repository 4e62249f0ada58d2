"""The change log: what content looked like after each commit that altered it."""

from collections import defaultdict
from operator import attrgetter

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ecosystem.models.evidence import SUBJECTS
from ecosystem.querysets import ChangeQuerySet, known


class RecordOfToday:
    """The record of a change as readers may know it today, or None. Prefetching loads a kind at a time."""

    def __get__(self, change, owner=None):
        if change is None:
            return self
        if not self.is_cached(change):
            models.prefetch_related_objects([change], "record")
        return change._state.fields_cache["record"]

    def is_cached(self, change):
        return "record" in change._state.fields_cache

    def get_prefetch_querysets(self, changes, querysets=None):
        keys = defaultdict(set)
        for change in changes:
            keys[change.kind].add(change.object_id)
        rows = [row for kind, wanted in keys.items() for row in known(kind).filter(pk__in=wanted)]
        return rows, self.of_row, attrgetter("kind", "object_id"), True, "record", False

    @staticmethod
    def of_row(row):
        return row._meta.model_name, row.pk


class Change(models.Model):
    """A record as one commit left it. Who did it is for the staff: no public page or file names editors."""

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        PUBLISHED = "published", "Published"
        CHANGED = "changed", "Changed"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DELETED = "deleted", "Deleted"
        REDACTED = "redacted", "Removed from history"

    KINDS = (*SUBJECTS, "sector", "place", "source")
    # After these a reader finds no page any more.
    GONE = (Action.WITHDRAWN, Action.DELETED)
    # These are events in a record's history, and no state of the record that one could read.
    NO_VERSION = (*GONE, Action.REDACTED)

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    slug = models.CharField(max_length=80)
    at = models.DateTimeField("committed at")
    # Of a scheduled record the time of the schedule, and nothing once another change overtakes it.
    published_at = models.DateTimeField(
        null=True, blank=True, help_text="When readers could first see it; empty: never."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=9, choices=Action)
    summary = models.TextField(blank=True, help_text="The names of the fields that changed.")
    reason = models.CharField(max_length=300, blank=True, help_text="Readers see it.")
    snapshot = models.JSONField(
        null=True,
        encoder=DjangoJSONEncoder,
        help_text="What readers see. Empty once redacted, and where readers see no difference.",
    )
    # With what readers do not see: for the history in the admin, and to restore. `seen()` does not load it.
    whole = models.JSONField(null=True, encoder=DjangoJSONEncoder, help_text="Everything. Never public.")

    objects = ChangeQuerySet.as_manager()
    record = RecordOfToday()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            # With all that the gate and the counts of the log ask.
            models.Index(
                fields=["kind", "object_id", "published_at", "action", "id"], name="change_by_record_idx"
            ),
            models.Index(fields=["published_at", "id"], name="change_public_idx"),
        ]

    def __str__(self):
        return f"{self.kind} {self.slug}: {self.get_action_display().lower()}"

    def get_absolute_url(self):
        return reverse("change-detail", args=[self.pk])

    @property
    def noun(self):
        return apps.get_model("ecosystem", self.kind)._meta.verbose_name

    @property
    def record_name(self):
        """What readers may call the record today, else what it was."""
        return str(self.record or self.noun.capitalize())

    @property
    def record_key(self):
        return self.record and self.record.natural_key()[0]

    @property
    def name(self):
        return f"{self.record_name}: {self.get_action_display().lower()}"

    @property
    def explanation(self):
        return ". ".join(filter(None, [self.summary, self.reason]))

    @property
    def updated_at(self):
        return self.published_at

    @property
    def day(self):
        return timezone.localdate(self.published_at)

    def is_public(self, now):
        """Whether readers see the record as this change left it, if no later one followed."""
        return self.published_at is not None and self.published_at <= now and self.action not in self.GONE
