"""Everything that has a date, as one list: breakthroughs, foundings, and what statements tell.

No table holds these together. `Dated` keeps one queryset a model, each with the same annotations, and hands
every call to all of them, so that filters, facets, pages and files work as they do for one model.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial, partialmethod
from itertools import chain
from types import SimpleNamespace

from django.db.models import CharField, F, Prefetch, Q, Value, prefetch_related_objects

from ecosystem.counting import count_rows, united
from ecosystem.facets import Facet, of_all
from ecosystem.filtering import ListFilterSet, SectorFacet, year_filters
from ecosystem.kept import kept
from ecosystem.models import Breakthrough, Company, Sector, Statement
from ecosystem.models.record import Record

KINDS = {
    "breakthrough": "Breakthrough",
    "founding": "Founding",
    "funding": "Funding",
    "event": "Event",
    "policy": "Policy",
    "update": "Update of a challenge",
    "response": "Response to a challenge",
}
# The kinds of statements that tell what happened; the others say how things are.
TOLD = ("funding", "event", "policy", "update", "response")
ROW = ("when", "sort", "target")


@dataclass
class Entry:
    """Something that happened. `statements` holds one of each status; `sources` each source once."""

    date: str
    kind: str
    record: Record
    title: str
    text: str
    address: str
    statements: list
    sources: list

    @property
    def kind_in_words(self):
        return KINDS[self.kind]

    @property
    def companies(self):
        """The firms whose doing it is."""
        if self.kind == "breakthrough":
            return self.record.companies.all()
        return [self.record] if isinstance(self.record, Company) else []


class Dated:
    """Querysets of several models read as one, each with a date `when`, a kind `sort`, a key `target`."""

    model = None

    def __init__(self, arms, ordering=(), window=slice(None)):
        self.arms, self.ordering, self.window = arms, ordering, window

    def each(self, method, *args, **kwargs):
        return Dated([getattr(arm, method)(*args, **kwargs) for arm in self.arms])

    filter = partialmethod(each, "filter")
    annotate = partialmethod(each, "annotate")
    values = partialmethod(each, "values")

    def all(self):
        return self

    def order_by(self, *ordering):
        return Dated(self.each("order_by").arms, ordering)

    def __getitem__(self, window):
        return Dated(self.arms, self.ordering, window)

    def count(self):
        return sum(arm.count() for arm in self.arms)

    def rows(self):
        return list(united(self.values(*ROW).arms).order_by(*self.ordering)[self.window])

    def for_listing(self):
        return load(self.rows())

    def for_export(self):
        return self

    def __iter__(self):
        return iter(self.for_listing())

    def iterator(self, chunk_size):
        """All entries, a chunk of them in memory at a time."""
        rows = self.rows()
        for start in range(0, len(rows), chunk_size):
            yield from load(rows[start : start + chunk_size])


def arm(queryset, date, sort):
    return queryset.annotate(when=F(date), sort=sort, target=F("pk"))


def constant(word):
    return Value(word, output_field=CharField())


def told(condition):
    return arm(Statement.objects.published().filter(condition, kind__in=TOLD), "date", F("kind"))


def foundings(condition):
    return arm(Company.objects.published().filter(condition), "founded", constant("founding"))


IN_HUB = Q(hub_link__in=Company.IN_HUB)
OF_THE_HUB = (Q(company=None) | Q(company__hub_link__in=Company.IN_HUB)) & (
    Q(hub=None) | Q(hub__is_home=True)
)
SUPPORTED = ~Q(status=Statement.Status.UNSUPPORTED)


def of_the_hub():
    """What happened to the hub and its own firms, as far as sources support it."""
    breakthroughs = arm(Breakthrough.objects.published(), "date", constant("breakthrough"))
    return Dated([breakthroughs, foundings(IN_HUB), told(OF_THE_HUB & SUPPORTED)])


def set_aside():
    """The rest: of firms that are only linked to the hub, of other hubs, or unsupported."""
    return Dated([foundings(~IN_HUB), told(~(OF_THE_HUB & SUPPORTED))])


class Timeline:
    """Stands where a list names its model."""

    _meta = SimpleNamespace(model_name="timeline", verbose_name="entry", verbose_name_plural="entries")
    objects = SimpleNamespace(published=of_the_hub)


class DatedSectorFacet(SectorFacet):
    """The same for entries of several models."""

    def filter(self, dated, values):
        if not values:
            return dated
        return Dated([arm.filter(self.condition(arm.model, values)) for arm in dated.arms])

    def counts(self, dated, name):
        return list(chain.from_iterable(map(partial(super().counts, name=name), dated.arms)))


class TimelineFilterSet(ListFilterSet):
    q = None
    kind = Facet("sort", label="Kind", choices=list(KINDS.items()))
    sector = DatedSectorFacet(None, label="Sector", vocabulary=Sector.objects.published)
    year_from, year_to = year_filters("when")

    sorts = {
        "-date": ("Newest first", ["-when", "sort"]),
        "date": ("Oldest first", ["when", "sort"]),
    }

    @property
    def ordering(self):
        return [*super().ordering[:-1], "target"]

    def filtered(self, without=None):
        return super().filtered(without).filter(when__isnull=False)

    @kept(by=of_all)
    def missing(self):
        """How many entries of the chosen kinds and sectors the timeline leaves out: {reason: n}."""
        groups = {"undated": self.queryset.filter(when__isnull=True), "aside": set_aside()}
        for name, facet in self.facets.items():
            chosen = self.form.cleaned_data[name]
            groups = {reason: facet.filter(dated, chosen) for reason, dated in groups.items()}
        counted = defaultdict(int)
        for row in united(count_rows(dated, reason, constant("")) for reason, dated in groups.items()):
            counted[row["facet"]] += row["n"]
        return counted


def load(rows):
    """Rows of `ROW` as entries in the same order, in a number of queries that is always the same."""
    keys = defaultdict(list)
    for row in rows:
        keys[shelf(row)].append(row["target"])
    with_companies = Prefetch("companies", Company.objects.published())
    breakthroughs = Breakthrough.objects.published().prefetch_related(with_companies, "sources")
    evidence = statements_behind(keys)
    records = {
        "breakthrough": breakthroughs.in_bulk(keys["breakthrough"]),
        "founding": Company.objects.published().in_bulk(keys["founding"]),
        "statement": {key: them[0].subject for (kind, key), them in evidence.items() if kind == "statement"},
    }
    found = ((row, records[shelf(row)].get(row["target"])) for row in rows)
    entries = [entry(row, record, evidence[shelf(row), row["target"]]) for row, record in found if record]
    prefetch_related_objects([firm for entry in entries for firm in entry.companies], "sectors")
    return entries


def shelf(row):
    """Where what a row stands for is found."""
    return "statement" if row["sort"] in TOLD else row["sort"]


def statements_behind(keys):
    """{(shelf, key): statements}: of a breakthrough all, of a founding those of that key, else the one."""
    wanted = Q(pk__in=keys["statement"]) | Q(breakthrough__in=keys["breakthrough"])
    wanted |= Q(company__in=keys["founding"], key="founded")
    found = defaultdict(list)
    for statement in Statement.objects.published().filter(wanted).with_subjects().with_sources():
        found["statement", statement.pk].append(statement)
        found["breakthrough", statement.breakthrough_id].append(statement)
        if statement.key == "founded":
            found["founding", statement.company_id].append(statement)
    return found


def entry(row, record, statements):
    kind = row["sort"]
    of_each = {statement.status: statement for statement in reversed(statements)}
    shown = [of_each[status] for status in Statement.Status if status in of_each]
    prose = record.sources.all() if kind == "breakthrough" else ()
    sources = dict.fromkeys([*prose, *(source for row in statements for source in row.sources.all())])
    return Entry(row["when"], kind, record, *texts(kind, record, statements), shown, list(sources))


def texts(kind, record, statements):
    """Title, text and address of an entry."""
    if kind in TOLD:
        return statements[0].label, statements[0].words, statements[0].get_absolute_url()
    title = f"{record.name} founded" if kind == "founding" else record.name
    return title, record.summary, record.get_absolute_url()
