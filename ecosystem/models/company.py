from django.core.exceptions import ValidationError
from django.db import models

from ecosystem.fields import PartialDateField
from ecosystem.models.record import Record, not_its_own_parent
from ecosystem.querysets import CompanyQuerySet


class Company(Record):
    """A firm. Its typed columns exist to filter and sort; statements with the same key are their evidence."""

    class HubLink(models.TextChoices):
        HEADQUARTERS = "headquarters", "Headquartered here"
        OFFICE = "office", "Major office here"
        LINKED = "linked", "Linked only"
        UNKNOWN = "unknown", "Not known"

    class Ownership(models.TextChoices):
        PRIVATE = "private", "Private"
        PUBLIC = "public", "Public"
        SUBSIDIARY = "subsidiary", "Subsidiary"
        ACQUIRED = "acquired", "Acquired"
        CLOSED = "closed", "Closed"

    class SizeBand(models.TextChoices):
        UNDER_50 = "under-50", "Under 50 people"
        UNDER_250 = "50-249", "50 to 249 people"
        UNDER_1000 = "250-999", "250 to 999 people"
        UNDER_10000 = "1000-9999", "1,000 to 9,999 people"
        OVER_10000 = "10000-up", "10,000 people and more"

    # The hub links that make a firm one of the hub's own.
    IN_HUB = (HubLink.HEADQUARTERS, HubLink.OFFICE)

    legal_name = models.CharField(
        max_length=160, blank=True, help_text="As it is registered, in the language of the register."
    )
    other_names = models.TextField(blank=True, help_text="Former names, brands and spellings, one a line.")
    founded = PartialDateField(help_text="As exact as the source: a year, a month or a day.")
    place = models.ForeignKey(
        "Place",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
        help_text="The smallest place of the hub that its address lies in.",
    )
    headquarters_city = models.CharField(
        max_length=60, blank=True, help_text="The city of its head office, wherever that is."
    )
    hub_link = models.CharField(
        max_length=12,
        choices=HubLink,
        default=HubLink.UNKNOWN,
        help_text="Lists show firms with head office or a major office here, others only when asked.",
    )
    ownership = models.CharField(
        max_length=10,
        choices=Ownership,
        blank=True,
        help_text="Who owns it today. A closed firm stays, as closed.",
    )
    exchange = models.CharField(max_length=80, blank=True, help_text="Where its shares are listed.")
    ticker = models.CharField(
        max_length=20, blank=True, help_text="Its symbols there; several stand with a semicolon between them."
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        help_text="The firm that controls it, if that one is here too.",
    )
    sectors = models.ManyToManyField(
        "Sector",
        blank=True,
        related_name="companies",
        help_text="What it works on: one to three sectors, by their definitions.",
    )
    website = models.URLField(blank=True, help_text="Its own site, with https:// where that works.")
    size_band = models.CharField(
        max_length=10, choices=SizeBand, blank=True, help_text="By the newest sourced number of employees."
    )
    open_source = models.BooleanField(
        null=True, blank=True, help_text="Publishes code or model weights under an open licence."
    )

    worth_knowing = ("founded", "place", "ownership", "website", "size_band", "open_source")

    objects = CompanyQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name_plural = "companies"
        constraints = [*Record.Meta.constraints, not_its_own_parent()]
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["state", "founded", "name", "id"], name="company_by_founded_idx"),
            # The same and what the timeline asks of foundings.
            models.Index(
                fields=["state", "hub_link", "published_at", "withdraw_at", "founded"],
                name="company_by_link_idx",
            ),
        ]

    def clean(self):
        if self.slug == "compare":
            raise ValidationError({"slug": "This address is taken by the comparison of companies."})

    @property
    def names(self):
        """Every other name it goes by, in the order of the page; without doubles."""
        names = [self.name_zh, self.legal_name, *self.other_names.splitlines()]
        return [name for name in dict.fromkeys(names) if name and name != self.name]

    @property
    def further_names(self):
        """Those that do not stand in the heading of its page."""
        return [name for name in self.names if name != self.name_zh]
