"""What readers report as wrong, and what editors decide about it."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Prefetch, Q, When
from django.urls import reverse
from django.utils import timezone

from ecosystem.models.change import RecordOfToday
from ecosystem.models.evidence import SUBJECTS, Statement
from ecosystem.querysets import about_public

# Crockford's base 32: no letter that could be taken for a digit. Eight of them are forty random bits.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # pragma: allowlist secret
LOOKALIKES = str.maketrans("OIL", "011")


def new_reference():
    """Short enough to be read out, too long to be guessed: C-7K3M-Q2XF."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(8))
    return f"C-{signs[:4]}-{signs[4:]}"


def as_written(reference):
    """The reference that somebody meant who typed it: in small letters, or O for 0."""
    return reference.upper().translate(LOOKALIKES)


class CorrectionQuerySet(models.QuerySet):
    def published(self):
        """What was decided about records that are public today; `published_at` is when that was."""
        decided = self.exclude(state=self.model.State.OPEN).filter(about_public(SUBJECTS))
        return decided.annotate(published_at=F("decided_at")).named()

    def known(self):
        """All of them, for whoever has a reference: what is not public is not named there either."""
        return self.named()

    def named(self):
        """Load what each is about as readers may know it: a statement that is not public now is None."""
        return self.prefetch_related("record", Prefetch("statement", Statement.objects.published()))

    def for_listing(self):
        return self

    def for_export(self):
        return self

    def with_old_contact(self, before):
        return self.filter(received_at__lt=before).exclude(contact="")


class Correction(models.Model):
    """A reader's report that something here is wrong. Readers see the decision; the report is for editors."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        PARTLY = "partly", "Partly accepted"
        DECLINED = "declined", "Declined"

    # For so many days after it came in, editors may ask the sender back.
    CONTACT_DAYS = 90
    # What waits longest at the top, then what was decided last.
    OPEN_FIRST = (
        Case(When(state="open", then=0), default=1),
        Case(When(state="open", then="received_at")),
        F("decided_at").desc(nulls_last=True),
    )

    reference = models.CharField(max_length=11, unique=True, default=new_reference)
    kind = models.CharField("about a", max_length=20, choices=[(kind, kind) for kind in SUBJECTS])
    object_id = models.BigIntegerField()
    statement = models.ForeignKey(
        Statement, on_delete=models.SET_NULL, null=True, blank=True, related_name="corrections"
    )
    wrong = models.TextField("what is wrong", max_length=2000)
    right = models.TextField("what is right", max_length=2000, blank=True)
    evidence = models.TextField("where it says so", max_length=1000, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField("received", default=timezone.now)
    state = models.CharField(
        "decision",
        max_length=8,
        choices=State,
        default=State.OPEN,
        help_text="Once it is decided, it stands in the public log with your reason.",
    )
    reason = models.TextField(
        max_length=1000,
        blank=True,
        help_text="Readers see it: what was changed here, or why nothing was. Name no reporter.",
    )
    decided_at = models.DateTimeField("decided", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CorrectionQuerySet.as_manager()
    record = RecordOfToday()

    class Meta:
        default_permissions = ("view", "change", "delete")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None)
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(reason="")),
                name="%(app_label)s_%(class)s_decided_with_reason",
                violation_error_message="A decision needs a reason that readers can see.",
            )
        ]
        indexes = [
            models.Index(fields=["state", "received_at"], name="correction_inbox_idx"),
            models.Index(fields=["kind", "object_id"], name="correction_by_record_idx"),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return reverse("correction-detail", args=[self.reference])

    @property
    def record_name(self):
        return str(self.record or "A record that is not public now")

    @property
    def name(self):
        about = f"{self.record_name}, {self.statement.label}" if self.statement else self.record_name
        return f"{about}: {self.get_state_display().lower()}"

    @property
    def statement_address(self):
        """Where the statement stands on its record's page, if both are public."""
        return self.statement and f"{self.record.get_absolute_url()}#{self.statement.reference}"

    @property
    def summary(self):
        return self.reason

    @property
    def updated_at(self):
        return self.decided_at


class Sender(models.Model):
    """How many reports came from a network on one day. The network is a keyed hash; the key is the day's."""

    day = models.DateField()
    network = models.CharField(max_length=64)
    reports = models.PositiveSmallIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "network"], name="%(app_label)s_%(class)s_one_a_day")
        ]

    def __str__(self):
        return f"{self.day}: {self.reports}"
