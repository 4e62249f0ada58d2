"""The change log: what content looked like after each commit that altered it."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse

from ecosystem.models.evidence import SUBJECTS
from ecosystem.querysets import ChangeQuerySet


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
    snapshot = models.JSONField(null=True, encoder=DjangoJSONEncoder, help_text="Empty once redacted.")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["kind", "object_id", "id"], name="change_by_record_idx"),
            models.Index(fields=["published_at", "id"], name="change_public_idx"),
        ]

    def __str__(self):
        return f"{self.kind} {self.slug}: {self.get_action_display().lower()}"

    def get_absolute_url(self):
        return reverse("change-detail", args=[self.pk])

    def is_public(self, now):
        """Whether readers see the record as this change left it, if no later one followed."""
        return self.published_at is not None and self.published_at <= now and self.action not in self.GONE
