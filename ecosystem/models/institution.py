from django.db import models

from ecosystem.models.record import Record
from ecosystem.querysets import InstitutionQuerySet


class Institution(Record):
    """A university, laboratory, incubator, investor or public body of the hub."""

    class Kind(models.TextChoices):
        UNIVERSITY = "university", "University"
        LAB = "lab", "Laboratory"
        INCUBATOR = "incubator", "Incubator"
        INVESTOR = "investor", "Investor"
        PUBLIC_BODY = "public-body", "Public body"

    kind = models.CharField(max_length=12, choices=Kind, help_text="What sort of house it is.")
    place = models.ForeignKey(
        "Place",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="institutions",
        help_text="The smallest place of the hub that it lies in.",
    )

    objects = InstitutionQuerySet.as_manager()

    class Meta(Record.Meta):
        pass
