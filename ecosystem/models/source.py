"""How the portal knows: the documents that statements rest on."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from ecosystem.fields import NormalUrlField, PartialDateField
from ecosystem.models.record import SLUG
from ecosystem.querysets import SourceQuerySet


class Source(models.Model):
    """A cited document."""

    class Kind(models.TextChoices):
        LAW = "law", "Law or regulator"
        FILING = "filing", "Filing"
        PAPER = "paper", "Paper"
        COMPANY = "company", "Company"
        NEWS = "news", "News"
        ANALYST = "analyst", "Analyst"
        DATA_SET = "data-set", "Data set"
        ENCYCLOPAEDIA = "encyclopaedia", "Encyclopaedia"

    class LinkState(models.TextChoices):
        UNTRIED = "untried", "Not tried yet"
        OK = "ok", "Works"
        MOVED = "moved", "Moved"
        BLOCKED = "blocked", "Blocks robots"
        TIMEOUT = "timeout", "Does not answer"
        GONE = "gone", "Gone"

    key = models.SlugField(max_length=80, unique=True, help_text="Part of the address, so permanent.")
    url = models.URLField(
        "address",
        max_length=500,
        unique=True,
        help_text="The page itself, as you read it. Known pages are found, however the address is written.",
    )
    normal_url = NormalUrlField(of="url")
    title = models.CharField(max_length=300, help_text="In English; the title of a Chinese page translated.")
    publisher = models.CharField(max_length=120, help_text="Who put this page up, mirror or not.")
    origin = models.CharField(
        "original publisher",
        max_length=120,
        help_text="Whose text it is: for a mirror, repost or translation the first publisher. "
        "Two sources of one origin count as one.",
    )
    published = PartialDateField(help_text="When this text appeared, as exact as it says itself.")
    language = models.CharField(max_length=12, help_text="BCP 47: en, zh-Hans, de.")
    kind = models.CharField(
        max_length=14,
        choices=Kind,
        help_text="Whose voice it is: a firm's own site is “Company”, its prospectus “Filing”.",
    )
    note = models.CharField(
        max_length=400,
        blank=True,
        help_text="What readers should know of it: paywall, translation, part of a series.",
    )
    archive_url = models.URLField(
        "archived copy",
        max_length=500,
        blank=True,
        help_text="A copy at an archive, for the day when the page is gone.",
    )
    link_state = models.CharField(max_length=8, choices=LinkState, default=LinkState.UNTRIED)
    link_tried_at = models.DateTimeField(null=True, blank=True)
    # What check_links remembers between its runs, until the page answers again.
    link_failures = models.PositiveSmallIntegerField("times not found", default=0)
    link_failing_since = models.DateTimeField("not found since", null=True, blank=True)
    link_detail = models.CharField("last answer", max_length=600, blank=True)

    natural_key_field = "key"
    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["publisher", "title", "pk"]
        # To publish: to change one that readers see.
        default_permissions = ("view", "add", "change", "delete", "publish", "import")
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=SLUG),
                name="%(app_label)s_%(class)s_key_ascii",
                violation_error_message="The key takes lower-case letters, digits and single hyphens only.",
            ),
        ]
        indexes = [
            models.Index(fields=["publisher", "title", "id"], name="source_by_publisher_idx"),
            models.Index(fields=["normal_url"], name="source_by_normal_url_idx"),
        ]

    def __str__(self):
        return f"{self.publisher}: {self.title}"

    def natural_key(self):
        return (self.key,)

    def get_absolute_url(self):
        return reverse("source-detail", args=[self.key])

    def forget_link(self):
        """What was found out of an address says nothing about another one."""
        for field in self._meta.fields:
            if field.name.startswith("link_"):
                setattr(self, field.attname, field.get_default())

    @classmethod
    def citing_relations(cls):
        """The relations from records and places whose prose cites sources (statements not among them)."""
        return [row for row in cls._meta.related_objects if row.related_model._meta.model_name != "statement"]
