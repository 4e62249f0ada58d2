from django.db import models
from django.utils.functional import cached_property

from ecosystem.fields import PartialDateField
from ecosystem.models.record import Record
from ecosystem.querysets import BreakthroughQuerySet


class Breakthrough(Record):
    """An achievement of companies or institutions: a model, a product, a result, a deployment."""

    class Kind(models.TextChoices):
        MODEL_RELEASE = "model-release", "Model release"
        PRODUCT_LAUNCH = "product-launch", "Product launch"
        RESEARCH_RESULT = "research-result", "Research result"
        DEPLOYMENT = "deployment", "Deployment"
        OPEN_SOURCE_RELEASE = "open-source-release", "Open-source release"
        MILESTONE = "milestone", "Milestone"
        LISTING = "listing", "Funding or listing"

    date = PartialDateField(help_text="When it happened, as exact as the source.")
    kind = models.CharField(max_length=20, choices=Kind, help_text="What sort of achievement it is.")
    companies = models.ManyToManyField(
        "Company",
        blank=True,
        related_name="breakthroughs",
        help_text="Who achieved it. Their own word alone makes a statement self-reported.",
    )
    institutions = models.ManyToManyField(
        "Institution",
        blank=True,
        related_name="breakthroughs",
        help_text="Universities and labs that had a part in it.",
    )
    sectors = models.ManyToManyField(
        "Sector", blank=True, related_name="breakthroughs", help_text="The fields that it belongs to."
    )

    worth_knowing = ("date",)

    objects = BreakthroughQuerySet.as_manager()

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["state", "date", "name", "id"], name="breakthrough_by_date_idx"),
        ]

    @cached_property
    def makers(self):
        """The companies and institutions whose achievement it is."""
        return [*self.companies.all(), *self.institutions.all()]
