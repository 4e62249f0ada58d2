"""What every list can be asked, and the kinds of filters that lists share."""

from collections import defaultdict

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django_filters import CharFilter, ChoiceFilter, FilterSet, NumberFilter

from ecosystem.counting import count_rows
from ecosystem.dimensions import OneOf, year_of
from ecosystem.facets import ConditionFacet, Facet, ManyFacet, offer_vocabularies
from ecosystem.models import Sector, Statement
from ecosystem.querysets import published
from ecosystem.search import matching

MAX_PAGE_SIZE = 1000
FIRST_YEAR, LAST_YEAR = 1000, 2999


def rank(field, choices):
    """Sort by the order in which choices are declared, not by their spelling."""
    whens = [When(**{field: value}, then=Value(place)) for place, value in enumerate(choices.values)]
    return Case(*whens, default=Value(len(whens)), output_field=IntegerField())


def newest(field):
    return F(field).desc(nulls_last=True)


def oldest(field):
    return F(field).asc(nulls_last=True)


def has_statement(subject, **lookup):
    """The condition “a statement of this kind about the record is shown”."""
    return Exists(Statement.objects.shown().filter(**{subject: OuterRef("pk")}, **lookup))


def about(kinds, chosen):
    """The condition “a row about one of these records”; `chosen` narrows the public records of each kind."""
    found = Q(pk__in=[])
    for kind in kinds:
        found |= Q(kind=kind, object_id__in=chosen(published(kind)).values("pk"))
    return found


def about_matching(kinds, text):
    """The condition “a row about a public record that has these words today”."""
    return about(kinds, lambda rows: matching(rows, text))


def of_kinds(kinds):
    """A facet over what rows with kind and key are about."""
    return Facet("kind", label="Of", choices=names_of(kinds))


def names_of(kinds):
    """(kind, its plural) of each of these kinds of records."""
    return [(kind, str(published(kind).model._meta.verbose_name_plural).capitalize()) for kind in kinds]


def evidence(subject):
    other = [status for status in Statement.Status if status != Statement.Status.CORROBORATED]
    return ConditionFacet(
        {
            "disputed": ("Has disputed", lambda: has_statement(subject, status="disputed")),
            "unsupported": ("Has unsupported", lambda: has_statement(subject, status="unsupported")),
            "corroborated": (
                "Corroborated only",
                lambda: (
                    Q(has_statement(subject, status="corroborated"))
                    & ~Q(has_statement(subject, status__in=other))
                ),
            ),
        },
        label="Evidence",
        read=lambda rows: statuses(subject, rows),
    )


def statuses(subject, rows):
    """(option, primary key) of the same, from one look at the statements about some rows."""
    shown = Statement.objects.shown().filter(**{f"{subject}__in": rows.order_by().values("pk")})
    keys = defaultdict(set)
    for status, key in shown.order_by().values_list("status", f"{subject}_id"):
        keys[status].add(key)
    only = keys.pop("corroborated", set()).difference(*keys.values())
    for option, found in {"corroborated": only, **keys}.items():
        yield from ((option, key) for key in found)


def sectors():
    return ManyFacet("sectors__slug", label="Sector", vocabulary=Sector.objects.published)


class SectorFacet(ManyFacet):
    """The sectors of a record; a statement has those of the record that it is about."""

    OF_SUBJECT = ("company__sectors__slug", "breakthrough__sectors__slug", "challenge__sectors__slug")
    # Of what it narrows, statements alone have an index.
    dimension = OneOf("sector of subject", OF_SUBJECT)

    def paths(self, model):
        return self.OF_SUBJECT if model is Statement else ("sectors__slug",)

    def condition(self, model, values):
        either = Q()
        for path in self.paths(model):
            either |= Q(pk__in=model._base_manager.filter(**{f"{path}__in": values}).values("pk"))
        return either

    def counts(self, queryset, name):
        # A statement is about one record: of the paths to sectors one at most leads anywhere.
        first, *others = map(F, self.paths(queryset.model))
        return [count_rows(queryset, name, Coalesce(first, *others) if others else first)]


def tied(model, relation):
    """Records of another model with at least one record of the list, which is their `relation`."""

    def linked():
        return model.objects.published().filter(**{f"{relation}__isnull": False}).distinct()

    path = f"{model._meta.verbose_name_plural}__slug"
    return ManyFacet(path, label=model._meta.verbose_name.capitalize(), vocabulary=linked)


class YearFilter(NumberFilter):
    """Rows whose partial date is of the given year or later (`lookup` gte), or of it or earlier (lt)."""

    def __init__(self, date, lookup, **kwargs):
        super().__init__(min_value=FIRST_YEAR, max_value=LAST_YEAR, decimal_places=0, **kwargs)
        self.date, self.lookup, self.dimension = date, lookup, year_of(date)

    def filter(self, queryset, value):
        if value is None:
            return queryset
        bound = int(value) + (self.lookup == "lt")
        return queryset.filter(**{f"{self.date}__{self.lookup}": str(bound)})

    def picked(self, value, known):
        """The years among the known ones that a bound means, or None without one."""
        if value is None:
            return None
        bound = str(int(value))
        return [year for year in known if (year <= bound if self.lookup == "lt" else year >= bound)]


def year_filters(field):
    """Two bounds, since a range lookup with huge bounds overflows on SQLite."""
    return [YearFilter(field, "gte", label="From year"), YearFilter(field, "lt", label="To year")]


class ListFilterSet(FilterSet):
    """A filterset that knows its facets, its sorts and its page, and refuses what is not valid."""

    q = CharFilter(method="search", label="Search", max_length=200)
    sort = ChoiceFilter(method="order", label="Sort by", choices=())
    page = NumberFilter(method="keep", label="Page", min_value=1, max_value=10**6, decimal_places=0)
    page_size = NumberFilter(
        method="keep", label="Rows a page", min_value=1, max_value=MAX_PAGE_SIZE, decimal_places=0
    )

    # name of the sort: (label, expressions); the first is the default.
    sorts = {"name": ("Name", ["name"]), "updated": ("Recently changed", ["-updated_at"])}
    PAGING = ("page", "page_size")
    # How the page looks: no business of the data formats.
    PAGE_ONLY = ("view",)
    # What filters nothing.
    PASSING = (*PAGING, *PAGE_ONLY, "sort")
    VIEWS = ()

    def __init__(self, data, queryset):
        super().__init__(data, queryset)
        self.filters["sort"].extra["choices"] = [(name, label) for name, (label, _) in self.sorts.items()]
        self.facets = {name: item for name, item in self.filters.items() if isinstance(item, Facet)}
        offer_vocabularies(self)

    def search(self, queryset, name, value):
        return matching(queryset, value)

    def keep(self, queryset, name, value):
        return queryset

    def order(self, queryset, name, value):
        return queryset

    def default(self, name):
        """What applies while a parameter is not given: facet values, the first sort, or nothing."""
        if name == "sort":
            return next(iter(self.sorts))
        return list(self.facets[name].default) if name in self.facets else None

    @property
    def ordering(self):
        """The chosen order, with ties broken by primary key so that pages never overlap."""
        return [*self.sorts[self.current_sort][1], "pk"]

    def filtered(self, without=None):
        """All filters but the named one applied, in no order."""
        queryset = self.queryset
        for name, value in self.form.cleaned_data.items():
            if name != without:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def filter_queryset(self, queryset):
        return self.filtered()

    def is_valid(self):
        """Also refuse a second value where only one can apply: which of the two would be a guess."""
        errors = self.form.errors
        for name in self.filters.keys() - self.facets.keys() - errors.keys():
            if len(self.data.getlist(name)) > 1:
                self.form.add_error(name, "Give one value only.")
        return super().is_valid()

    @property
    def bounds(self):
        """The form's fields for years and the like: neither facets, nor the search, nor paging."""
        special = {*self.facets, *self.PASSING, "q"}
        return [self.form[name] for name in self.filters if name not in special]

    @property
    def current_sort(self):
        """The name of the order in force."""
        return self.form.cleaned_data["sort"] or self.default("sort")

    @property
    def chosen(self):
        """The facet values asked for, valid or not, as (name, label, value)."""
        return [
            (name, facet.label, value)
            for name, facet in self.facets.items()
            for value in self.data.getlist(name)
        ]

    @property
    def unknown(self):
        """Names of parameters that this list does not have."""
        return [name for name in self.data if name not in self.filters]


class RecordFilterSet(ListFilterSet):
    """The filterset of a list that also comes as a table."""

    VIEWS = (("rows", "Rows"), ("table", "Table"))

    view = ChoiceFilter(method="keep", label="View", choices=VIEWS)
