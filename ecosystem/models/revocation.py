"""What editors took back of what they had handed out."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from ecosystem.models.evidence import SUBJECTS


class RevocationQuerySet(models.QuerySet):
    def last_of(self, kind, key):
        """The newest revocation about a record, or None."""
        return self.filter(kind=kind, object_id=key).order_by("pk").last()


class Revocation(models.Model):
    """From then on the links to a record's preview that were handed out before show nothing any more."""

    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in SUBJECTS])
    object_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RevocationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "object_id"], name="revocation_by_record_idx")]

    def __str__(self):
        return f"{self.kind} {self.object_id}: {self.at}"
