from django.db import models

from ecosystem.fields import PartialDateField
from ecosystem.models.record import Record
from ecosystem.querysets import ChallengeQuerySet


class Challenge(Record):
    """A hurdle for the hub, with a judgement of its weight and direction, and the reason for each."""

    class Category(models.TextChoices):
        EXPORT_CONTROLS = "export-controls", "Export controls"
        REGULATION = "regulation", "Regulation"
        COMPUTE = "compute", "Compute"
        COMPETITION = "competition", "Competition"
        TALENT = "talent", "Talent"
        TRUST = "trust", "Governance and trust"
        FUNDING = "funding", "Funding"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"
        CONCENTRATION = "concentration", "Concentration"
        QUALITY = "quality", "Quality of the ecosystem"
        COSTS = "costs", "Housing and costs"

    class Severity(models.TextChoices):
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    class Trend(models.TextChoices):
        WORSENING = "worsening", "Worsening"
        STEADY = "steady", "Steady"
        EASING = "easing", "Easing"

    category = models.CharField(max_length=16, choices=Category, help_text="What sort of hurdle it is.")
    severity = models.CharField(
        max_length=6,
        choices=Severity,
        help_text="How much it weighs on the hub: a judgement, with its reason beside it.",
    )
    severity_reason = models.CharField(
        max_length=400, help_text="Why this much and not more or less, in a sentence."
    )
    trend = models.CharField(
        max_length=10, choices=Trend, help_text="Where it is heading: a judgement as well."
    )
    trend_reason = models.CharField(max_length=400, help_text="What shows the direction, in a sentence.")
    since = PartialDateField("beginning", help_text="Since when it has been felt, as exact as the source.")
    companies = models.ManyToManyField(
        "Company", blank=True, related_name="challenges", help_text="Firms that are known to be affected."
    )
    sectors = models.ManyToManyField(
        "Sector", blank=True, related_name="challenges", help_text="Fields that are affected as a whole."
    )

    worth_knowing = ("since",)

    objects = ChallengeQuerySet.as_manager()

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["state", "severity", "trend"], name="challenge_by_severity_idx"),
        ]
