"""What the portal knows: sourced statements."""

import secrets

from django.db import models
from django.db.models import Case, Q, Value, When

from ecosystem.fields import PartialDateField
from ecosystem.models.record import SLUG
from ecosystem.models.source import Source
from ecosystem.querysets import StatementQuerySet

ABOUT = "The record that it is about: one of these."
SUBJECTS = ("company", "breakthrough", "challenge", "factor", "institution", "collection", "hub")


def new_reference():
    return f"s-{secrets.token_hex(5)}"


def exactly_one(names):
    """“One of these is set, the others are not”, case by case: a chained XOR would let three through."""
    condition = Q()
    for chosen in names:
        condition |= Q(**{f"{name}__isnull": name != chosen for name in names})
    return condition


class Statement(models.Model):
    """One sourced sentence or figure about exactly one record."""

    class Kind(models.TextChoices):
        FACT = "fact", "Fact"
        METRIC = "metric", "Metric"
        INDICATOR = "indicator", "Indicator"
        FUNDING = "funding", "Funding"
        EVENT = "event", "Event"
        POLICY = "policy", "Policy"
        RESPONSE = "response", "Response"
        UPDATE = "update", "Update"
        EVIDENCE = "evidence", "Evidence"
        CHECK = "check", "Checked claim"

    class Status(models.TextChoices):
        CORROBORATED = "corroborated", "Corroborated"
        REPORTED = "reported", "Reported"
        SELF_REPORTED = "self-reported", "Self-reported"
        DISPUTED = "disputed", "Disputed"
        UNSUPPORTED = "unsupported", "Unsupported"

    SUBJECTS = SUBJECTS
    # A count of things that the label names has no unit, and says so.
    NO_UNIT = "none"
    # First words of units that are said before the number: “rank 2 in China”.
    BEFORE_NUMBER = ("rank", "index")
    # The statuses that count as true in filters and figures.
    COUNTS_AS_TRUE = (Status.CORROBORATED, Status.REPORTED, Status.SELF_REPORTED)

    reference = models.SlugField(
        max_length=120,
        unique=True,
        default=new_reference,
        help_text="Permanent name of this statement, in links and data files.",
    )
    company = models.ForeignKey(
        "Company", on_delete=models.CASCADE, null=True, blank=True, related_name="statements", help_text=ABOUT
    )
    breakthrough = models.ForeignKey(
        "Breakthrough",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="statements",
        help_text=ABOUT,
    )
    challenge = models.ForeignKey(
        "Challenge",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="statements",
        help_text=ABOUT,
    )
    factor = models.ForeignKey(
        "Factor", on_delete=models.CASCADE, null=True, blank=True, related_name="statements", help_text=ABOUT
    )
    institution = models.ForeignKey(
        "Institution",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="statements",
        help_text=ABOUT,
    )
    collection = models.ForeignKey(
        "Collection",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="statements",
        help_text=ABOUT,
    )
    hub = models.ForeignKey(
        "Hub", on_delete=models.CASCADE, null=True, blank=True, related_name="statements", help_text=ABOUT
    )

    kind = models.CharField(
        max_length=10,
        choices=Kind,
        default=Kind.FACT,
        help_text="Where the page shows it: facts and figures as tables, events as a line in time.",
    )
    key = models.SlugField(
        max_length=60, blank=True, help_text="What it states: founded, employees, startup-ecosystem-rank."
    )
    label = models.CharField(max_length=200, help_text="For readers: “Founded”, or an event's title.")
    text = models.TextField(
        blank=True, max_length=1000, help_text="Plain text: the value in words, or the sentence."
    )
    value = models.DecimalField(
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="The number alone, without separators: 12500. It needs a unit.",
    )
    unit = models.CharField(
        max_length=60, blank=True, help_text=f"Of the value. A bare count says “{NO_UNIT}”."
    )
    date = PartialDateField(help_text="As of, or when it happened.")
    actor = models.CharField(max_length=120, blank=True, help_text="Who responds, or who measured.")
    status = models.CharField(
        max_length=14,
        choices=Status,
        default=Status.REPORTED,
        help_text="How far the sources carry it. Weaker than they allow is your choice, stronger is refused.",
    )
    note = models.TextField(
        blank=True,
        max_length=1000,
        help_text="Plain text: who differs, what is doubtful; for a claim what the sources say.",
    )
    sources = models.ManyToManyField(
        Source,
        blank=True,
        related_name="statements",
        help_text="Where it says so. Two original publishers corroborate.",
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="The order on the page. Empty: last.")
    draft = models.BooleanField(default=False, help_text="Kept out of every public page and file.")
    updated_at = models.DateTimeField(auto_now=True)
    checked_on = models.DateField(null=True, blank=True)

    natural_key_field = "reference"
    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        default_permissions = ("view", "add", "change", "delete", "import")
        constraints = [
            models.CheckConstraint(
                condition=exactly_one(SUBJECTS),
                name="%(app_label)s_%(class)s_one_subject",
                violation_error_message="A statement is about exactly one record.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | ~Q(unit=""),
                name="%(app_label)s_%(class)s_number_has_unit",
                violation_error_message="A number needs a unit, or the word “none”.",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(value__isnull=False),
                name="%(app_label)s_%(class)s_says_something",
                violation_error_message="A statement needs a text or a number.",
            ),
            models.CheckConstraint(
                condition=Q(reference__regex=SLUG),
                name="%(app_label)s_%(class)s_reference_ascii",
                violation_error_message="The reference takes lower-case letters, digits and hyphens only.",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "draft"], name="statement_by_status_idx"),
            models.Index(fields=["kind", "key"], name="statement_by_key_idx"),
        ]

    def __str__(self):
        return f"{self.label}: {self.words}"

    def natural_key(self):
        return (self.reference,)

    @classmethod
    def record_type(cls):
        """The sort of record that a statement is about: an expression that finds the one key that is set."""
        about = (When(**{f"{name}__isnull": False}, then=Value(name)) for name in cls.SUBJECTS)
        return Case(*about, output_field=models.CharField())

    @property
    def subject(self):
        """The record that the statement is about."""
        return next(filter(None, (getattr(self, name) for name in self.SUBJECTS)), None)

    @property
    def counts_as_true(self):
        return self.status in self.COUNTS_AS_TRUE

    @property
    def words(self):
        """What is stated, for readers: the text, or else the figure."""
        return self.text or self.figure

    @property
    def figure(self):
        """The number with its unit, or nothing."""
        if self.value is None:
            return ""
        number, (head, _, rest) = f"{self.value.normalize():,f}", self.unit.partition(" ")
        if head in self.BEFORE_NUMBER:
            return f"{head} {number} {rest}".strip()
        if "=" in self.unit:
            return f"{number} ({self.unit})"
        return number if self.unit == self.NO_UNIT else f"{number} {self.unit}"

    def get_absolute_url(self):
        return f"{self.subject.get_absolute_url()}#{self.reference}"
