"""How complete and how fresh the public content is, in numbers."""

from dataclasses import dataclass

from django.db.models import Count, Q

from ecosystem.dimensions import Conditions, Dimension, along
from ecosystem.kept import kept
from ecosystem.list_index import index_of
from ecosystem.models import RECORDS, Source, Statement
from ecosystem.queues import last_read_before, number_of_origins, resting_on_two

RECORD_TYPE = Dimension("subject", Statement.record_type())
TWO_ORIGINS = Conditions("two origins", None, "sources__origin", read=resting_on_two)


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
    """The statements about each kind of record: all, with two origins, read lately."""
    public = Statement.objects.published()
    index = index_of(public)
    every, two, read = counted_in(index) if index else counted_in_sql(public)
    for name in Statement.SUBJECTS:
        among = every.get(name, 0)
        yield Figure(name, "statements", "statements", among)
        words = "resting on two original publishers"
        yield Figure(name, "statements_two_origins", words, two.get(name, 0), among)
        words = "with sources read within twelve months"
        yield Figure(name, "statements_read", words, read.get(name, 0), among)


def counted_in(index):
    """{kind of record: number} of all statements, of those with two origins, and of those read lately."""
    about, two, read_on = map(index.column, (RECORD_TYPE, TWO_ORIGINS, along("checked_on")))
    first = last_read_before()
    lately = [day for day in read_on if day >= first]
    some = (index.public, two.having([True]), read_on.having(lately))
    return [about.counts(rows, index.width) for rows in some]


def counted_in_sql(public):
    """The same in one query."""
    rows = public.order_by().values_list(RECORD_TYPE.expression).alias(origins=number_of_origins())
    found = rows.annotate(
        all=Count("pk"),
        two=Count("pk", filter=Q(origins__gte=2)),
        read=Count("pk", filter=Q(checked_on__gte=last_read_before())),
    )
    kinds, *counts = zip(*found, strict=True) if found else [()] * 4
    return [dict(zip(kinds, numbers, strict=True)) for numbers in counts]


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
