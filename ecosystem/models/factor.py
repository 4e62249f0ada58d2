from django.db import models

from ecosystem.models.record import Record


class Factor(Record):
    """A reason why technology firms are here rather than elsewhere."""

    class Kind(models.TextChoices):
        DRIVER = "driver", "Driver"
        ADVANTAGE = "advantage", "Advantage"

    kind = models.CharField(
        max_length=10, choices=Kind, help_text="A driver brought firms here; an advantage keeps them."
    )

    class Meta(Record.Meta):
        pass
