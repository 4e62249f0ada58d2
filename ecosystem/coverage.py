"""How complete and how fresh the public content is, in numbers."""

from dataclasses import dataclass

from django.db.models import Case, Count, Q, Value, When

from ecosystem.kept import kept
from ecosystem.models import RECORDS, Source, Statement
from ecosystem.queues import last_read_before, number_of_origins


@dataclass(frozen=True)
class Figure:
    """`number` of `out_of` (None: a plain count) rows that are about one kind of record, or any ("")."""

    record_type: str
    name: str
    words: str
    number: int
    out_of: int | None = None

    @property
    def percent(self):
        """To the whole per cent, but 100 only where all are meant, and 0 only where none is."""
        if not self.out_of:
            return None
        return min(
            max(round(100 * self.number / self.out_of), int(self.number > 0)),
            100 - (self.number < self.out_of),
        )


def figures_of(model):
    """What is public of a kind: records, how many were read lately, and which columns are not known."""
    kind, opts = model._meta.model_name, model._meta
    gaps = {name: is_empty(opts.get_field(name)) for name in model.worth_knowing}
    found = model.objects.published().aggregate(
        all=Count("pk"),
        read=Count("pk", filter=Q(checked_on__gte=last_read_before())),
        **{f"no_{name}": Count("pk", filter=condition) for name, condition in gaps.items()},
    )
    total = found["all"]
    yield Figure(kind, "records", f"{opts.verbose_name_plural}", total)
    yield Figure(kind, "records_read", "with sources read within twelve months", found["read"], total)
    for name in gaps:
        words = f"{opts.get_field(name).verbose_name} not known"
        yield Figure(kind, f"gap_{name}", words, found[f"no_{name}"], total)


def is_empty(field):
    return Q(**{f"{field.name}__isnull": True}) if field.null else Q(**{field.name: ""})


def statement_figures():
    """The statements about each kind of record: all, with two origins, read lately. One query."""
    kind = Case(*(When(**{f"{name}__isnull": False}, then=Value(name)) for name in Statement.SUBJECTS))
    by_kind = Statement.objects.published().order_by().annotate(subject_kind=kind).values("subject_kind")
    rows = by_kind.alias(origins=number_of_origins()).annotate(
        all=Count("pk"),
        two=Count("pk", filter=Q(origins__gte=2)),
        read=Count("pk", filter=Q(checked_on__gte=last_read_before())),
    )
    found = {row["subject_kind"]: row for row in rows}
    for name in Statement.SUBJECTS:
        row = found.get(name, {"all": 0, "two": 0, "read": 0})
        yield Figure(name, "statements", "statements", row["all"])
        yield Figure(
            name, "statements_two_origins", "resting on two original publishers", row["two"], row["all"]
        )
        yield Figure(
            name, "statements_read", "with sources read within twelve months", row["read"], row["all"]
        )


def source_figures():
    found = Source.objects.published().aggregate(
        all=Count("pk"), archived=Count("pk", filter=~Q(archive_url=""))
    )
    yield Figure("", "sources", "sources", found["all"])
    yield Figure("", "sources_archived", "sources with an archived copy", found["archived"], found["all"])


@kept(by=last_read_before)
def figures():
    """Every figure: nine queries, however much there is."""
    of_records = [figure for model in RECORDS for figure in figures_of(model)]
    return [*of_records, *statement_figures(), *source_figures()]


@kept(by=last_read_before)
def in_short():
    """The figures of all kinds together that editors see first: two queries."""
    said, sources = list(statement_figures()), list(source_figures())
    return [total(said, "statements_two_origins"), total(said, "statements_read"), sources[1]]


def total(found, name):
    """The sum of the figures of this name."""
    parts = [figure for figure in found if figure.name == name]
    numbers = (sum(getattr(figure, column) for figure in parts) for column in ("number", "out_of"))
    return Figure("", name, f"statements {parts[0].words}", *numbers)
