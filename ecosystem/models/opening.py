"""Which editors have a form open."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class OpeningQuerySet(models.QuerySet):
    def of(self, model, key):
        """About the form of one row; the key may be an expression."""
        return self.filter(kind=model._meta.model_name, object_id=key)

    def lately(self):
        return self.filter(at__gt=timezone.now() - Opening.LASTS)

    def forget_past(self):
        """Delete what is too old to be told."""
        self.filter(at__lte=timezone.now() - Opening.LASTS).delete()


class Opening(models.Model):
    """An editor opened the form of a row, and has not saved it since."""

    # For so long a colleague is told. Who types for longer is told of a conflict when saving.
    LASTS = timedelta(hours=1)

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "user"], name="%(app_label)s_%(class)s_one_each"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.object_id}: {self.user}"
