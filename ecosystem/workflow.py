"""From draft to withdrawn: which steps a record may take, whose they are, and what stands against one."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from ecosystem.models import Change
from ecosystem.models.record import Record
from ecosystem.roles import may, may_change

State, Standing = Record.State, Record.Standing
# Whoever moves a record on or plans when it is seen has not edited what it says.
NOT_SAID = {"state", "published_at", "withdraw_at", "withdrawal_reason", "checked_on"}
SECOND_PERSON = "You changed it last: another person has to publish it."


@dataclass(frozen=True)
class Step:
    """A move from one standing to another. `right` is the permission that it takes."""

    name: str
    label: str
    right: str
    origins: tuple
    target: State

    def starts_at(self, record):
        return record.standing in self.origins

    def take(self, record, reason=""):
        """Move the record, unsaved. Published without a time is now; of withdrawals only one ahead stays."""
        if self.target == State.PUBLISHED:
            record.published_at = record.published_at or timezone.now().replace(microsecond=0)
            reason = record.withdrawal_reason if has_withdrawal_ahead(record) else ""
        if self.target == State.WITHDRAWN or not has_withdrawal_ahead(record):
            record.withdraw_at = None
        if self.target in (State.PUBLISHED, State.WITHDRAWN):
            record.withdrawal_reason = reason
        record.state = self.target


def has_withdrawal_ahead(record):
    return record.withdraw_at is not None and record.withdraw_at > timezone.now()


def has_missed_withdrawal(record):
    """Whether it would be withdrawn before anybody saw it."""
    is_past = record.withdraw_at is not None and not has_withdrawal_ahead(record)
    return is_past and record.standing != Standing.WITHDRAWN


STEPS = {
    step.name: step
    for step in (
        Step(
            "publish",
            "Publish",
            "publish",
            (Standing.DRAFT, Standing.IN_REVIEW, Standing.WITHDRAWN),
            State.PUBLISHED,
        ),
        Step("review", "Send to review", "change", (Standing.DRAFT,), State.IN_REVIEW),
        Step("draft", "Back to draft", "change", (Standing.IN_REVIEW, Standing.SCHEDULED), State.DRAFT),
        Step("withdraw", "Withdraw", "withdraw", (Standing.PUBLISHED,), State.WITHDRAWN),
    )
}


def steps_of(user, record):
    """The steps that the record may take next and that are this user's to take."""
    model = type(record)
    return [
        step
        for step in STEPS.values()
        if step.starts_at(record) and may(user, step.right, model) and may_change(user, record)
    ]


def last_author(record):
    """The key of the user who last changed what a record says, or None where nobody is known."""
    log = Change.objects.filter(kind=record._meta.model_name, object_id=record.pk, whole__isnull=False)
    author, said = None, None
    for user, whole in log.order_by("-pk").values_list("user", "whole").iterator():
        before = {name: value for name, value in whole.items() if name not in NOT_SAID}
        if said not in (None, before):
            return author
        author, said = user, before
    return author


def needs_second_person(user, record, has_edited=False):
    """Whether the two-person rule keeps this user from publishing the record."""
    return settings.TWO_PERSON_RULE and bool(has_edited or last_author(record) == user.pk)


def why_not(step, user, record, faults=()):
    """What stands against a step, in words for a list; nothing if it may be taken."""
    if not step.starts_at(record):
        return f"it is {record.standing.label.lower()}"
    if step.target != State.PUBLISHED:
        return ""
    if has_missed_withdrawal(record):
        return "its time of withdrawal is past"
    if needs_second_person(user, record):
        return SECOND_PERSON
    return "; ".join(f"{fault.field.replace('_', ' ')}: {fault.what}" for fault in faults)
