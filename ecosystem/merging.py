"""Two companies that are one: everything moves to the one that stays, and the other address leads there.

Everything goes through normal saves, so that change log, search index and page cache follow.
"""

from functools import cached_property

from django.utils import timezone

from ecosystem.changes import because
from ecosystem.content_checks import faults
from ecosystem.models import Company, Correction, PreviousSlug
from ecosystem.models.record import Record

# Kept as they are in the company that stays, or put together from both.
NOT_CHOSEN = {"id", "slug", "other_names", "state", "published_at", "withdraw_at", "withdrawal_reason"}
NOT_CHOSEN |= {"updated_at", "checked_on"}
# Records that name companies among others.
NAMING = ("breakthroughs", "challenges", "collections")
JOINED = ("sectors", "sources")
# The choice of the value of the company that goes.
OTHER = "other"


class Merge:
    """`other` goes, `kept` stays. `choices` maps names of fields to the one of both whose value is taken."""

    def __init__(self, kept, other):
        self.kept, self.other = kept, other

    @cached_property
    def conflicts(self):
        """[(field, value here, value there)] of the fields that differ, values in words."""
        fields = [field for field in Company._meta.concrete_fields if field.name not in NOT_CHOSEN]
        return [(field, *values) for field in fields if (values := self.in_words(field))[0] != values[1]]

    def in_words(self, field):
        return [said(company, field) for company in (self.kept, self.other)]

    def moves(self):
        """[(what moves, [rows])], of the records also those that only editors see."""
        yield "Statements", list(self.other.statements.all())
        for name in (*NAMING, "subsidiaries"):
            yield name.capitalize(), list(getattr(self.other, name).all())
        for name in JOINED:
            there = set(getattr(self.kept, name).all())
            yield name.capitalize(), [row for row in getattr(self.other, name).all() if row not in there]
        yield "Reports of readers", list(reports(self.other))

    @property
    def obstacles(self):
        if self.kept == self.other:
            return ["These are one company already."]
        if is_public(self.other) and not is_public(self.kept):
            return [
                f"Readers see {self.other}, and not {self.kept}: keep the other, or publish this one first."
            ]
        return []

    def apply(self, choices, reason):
        """Write it inside the caller's transaction. Returns [Fault]: what speaks against publication now."""
        known = {fault_key(fault) for company in (self.kept, self.other) for fault in faults_of(company)}
        name, name_of_other = str(self.kept), str(self.other)
        with because(f"Merged with {name_of_other}: {reason}"):
            self.take_fields(choices)
            self.take_rows()
        self.take_addresses()
        with because(f"Merged into {name}: {reason}"):
            # Read anew: what has moved does not go with it.
            Company.objects.get(pk=self.other.pk).delete()
        return [fault for fault in faults_of(self.kept) if fault_key(fault) not in known]

    def take_fields(self, choices):
        names = [*self.kept.other_names.splitlines()]
        names += [name for company in (self.kept, self.other) for name in (company.name, *company.names)]
        for field, _, _ in self.conflicts:
            if choices.get(field.name) == OTHER:
                setattr(self.kept, field.name, getattr(self.other, field.name))
        if self.kept.parent in (self.kept, self.other):
            self.kept.parent = None if self.other.parent == self.kept else self.other.parent
        own = {"", self.kept.name, self.kept.name_zh, self.kept.legal_name}
        self.kept.other_names = "\n".join(name for name in dict.fromkeys(names) if name not in own)
        self.kept.save()

    def take_addresses(self):
        slugs = [previous.slug for previous in self.other.previous_slugs.all()]
        slugs += [self.other.slug] if has_been_seen(self.other) else []
        for slug in slugs:
            if slug != self.kept.slug:
                PreviousSlug.objects.leave(self.kept, slug)

    def take_rows(self):
        last = max((statement.position for statement in self.kept.statements.all()), default=0)
        for position, statement in enumerate(self.other.statements.all(), start=last + 1):
            statement.company, statement.position = self.kept, position
            statement.save()
        for subsidiary in self.other.subsidiaries.exclude(pk=self.kept.pk):
            subsidiary.parent = self.kept
            subsidiary.save()
        for name in NAMING:
            for record in getattr(self.other, name).all():
                record.companies.remove(self.other)
                record.companies.add(self.kept)
        for name in JOINED:
            getattr(self.kept, name).add(*getattr(self.other, name).all())
        for report in reports(self.other):
            report.object_id = self.kept.pk
            report.save(update_fields=["object_id"])


def said(company, field):
    value = getattr(company, field.name)
    if field.flatchoices:
        return getattr(company, f"get_{field.name}_display")()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def reports(company):
    return Correction.objects.filter(kind=Company._meta.model_name, object_id=company.pk)


def is_public(company):
    return company.standing == Record.Standing.PUBLISHED


def has_been_seen(company):
    return company.published_at is not None and company.published_at <= timezone.now()


def faults_of(company):
    """What the rules say against a company that readers see, or will."""
    if company.state != Record.State.PUBLISHED:
        return []
    return faults(Company.objects.filter(pk=company.pk)).get(company.pk, [])


def fault_key(fault):
    """What makes it the same fault; one in a field of the company may have come from the other company."""
    row = fault.row
    return None if isinstance(row, Company) else row.pk, fault.field, fault.what
