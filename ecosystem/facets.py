"""Filters whose values are offered with counts.

Several values of one facet mean OR, several facets AND. The count beside an option is the length of the
list that choosing it alone leads to: all other filters apply, the facet's own choice does not.
"""

from collections import Counter, defaultdict
from copy import copy, deepcopy
from itertools import chain

from django.db.models import CharField, F, Q, Value
from django.forms import Field
from django_filters import MultipleChoiceFilter

from ecosystem.counting import count_rows, counted, cross_tabulated, united
from ecosystem.dimensions import Conditions, along
from ecosystem.kept import kept
from ecosystem.options import FacetCounts, Option


class SharedChoices(MultipleChoiceFilter.field_class):
    """Nobody changes the choices, so that the form of a request need not copy thousands of them."""

    def __deepcopy__(self, memo):
        return Field.__deepcopy__(self, memo)


class Facet(MultipleChoiceFilter):
    """A column, or a column of the one row that a foreign key leads to.

    `vocabulary` is a function that returns the queryset of offered rows, where choices are rows;
    `default` holds the values that apply while none is chosen.
    """

    field_class = SharedChoices

    def __init__(self, path, *, label, choices=(), vocabulary=None, default=(), **kwargs):
        super().__init__(field_name=path, label=label, choices=choices, **kwargs)
        self.vocabulary = vocabulary
        self.default = tuple(default)
        self.depths, self.below = {}, {}

    def vocabulary_rows(self, name):
        """Rows (facet, slug, name, parent's slug) of the offered values."""
        constant = Value(name, output_field=CharField())
        parent = Value("", output_field=CharField())
        rows = self.vocabulary().order_by().annotate(facet=constant, above=self.parent_slug or parent)
        return rows.values_list("facet", "slug", "name", "above")

    parent_slug = None

    def offer(self, rows):
        """Take (slug, name, parent's slug) rows as the choices, in the order of their names."""
        self.extra["choices"] = [(slug, name) for slug, name, _ in sorted(rows, key=lambda row: row[1])]

    def picked(self, chosen, known=()):
        """The values of the column that a choice means, or None where none is made."""
        return chosen or self.default or None

    def filter(self, queryset, value):
        values = self.picked(value)
        return queryset.filter(self.condition(queryset.model, values)) if values else queryset

    def condition(self, model, values):
        return Q(**{f"{self.field_name}__in": values})

    def __deepcopy__(self, memo):
        """A filterset of its own for each request need not copy every choice for it."""
        own = copy(self)
        own.extra, own.depths = dict(self.extra), {}
        own.__dict__.pop("_field", None)
        return own

    @property
    def dimension(self):
        return along(self.field_name)

    @property
    def single(self):
        """The expression that has one value for each row, or None where a row may have several."""
        return F(self.field_name)

    def counts(self, queryset, name):
        """Querysets of (facet, option, n) rows, to be united with those of other facets."""
        return [count_rows(queryset, name, self.single)]

    def total(self, counted):
        """Turn {option: n} as the database counts into what the page shows."""
        return counted


class ManyFacet(Facet):
    """A column behind a many-to-many relation. A subquery keeps rows single without DISTINCT."""

    single = None

    def condition(self, model, values):
        linked = model._base_manager.filter(**{f"{self.field_name}__in": values})
        return Q(pk__in=linked.values("pk"))

    def counts(self, queryset, name):
        return [count_rows(queryset, name, F(self.field_name))]


class TreeFacet(Facet):
    """A vocabulary in which a value includes all values below it, as a district includes its parks."""

    parent_slug = F("parent__slug")

    def offer(self, rows):
        self.below = defaultdict(list)
        for slug, name, parent in sorted(rows, key=lambda row: row[1]):
            self.below[parent or ""].append((slug, name))
        self.extra["choices"] = list(self.walk(""))

    def walk(self, parent, depth=0):
        for slug, name in self.below[parent]:
            self.depths[slug] = depth
            yield slug, name
            yield from self.walk(slug, depth + 1)

    def with_below(self, slug):
        return [slug, *(below for below, _ in self.walk(slug, self.depths[slug] + 1))]

    def picked(self, chosen, known=()):
        return [below for slug in chosen for below in self.with_below(slug)] or None

    def total(self, counted):
        # Each record sits in one place, so that sums over places count no record twice.
        slugs = [slug for slug, _ in self.extra["choices"]]
        return {slug: sum(counted.get(below, 0) for below in self.with_below(slug)) for slug in slugs}


class ConditionFacet(Facet):
    """Options that are conditions: {value: (label, function that returns a Q)}. They may overlap.

    `read` is a cheaper way to find the rows of each (dimensions.Conditions).
    """

    single = None

    def __init__(self, options, *, label, read=None, **kwargs):
        self.read = read
        choices = [(value, text) for value, (text, _) in options.items()]
        super().__init__(None, label=label, choices=choices, **kwargs)
        self.conditions = {value: condition for value, (_, condition) in options.items()}

    def condition(self, model, values):
        either = Q()
        for value in values:
            either |= Q(self.conditions[value]())
        return either

    @property
    def dimension(self):
        return Conditions(self.field_name, self.conditions, read=self.read)

    def counts(self, queryset, name):
        return [
            count_rows(queryset.filter(condition()), name, Value(value, output_field=CharField()))
            for value, condition in self.conditions.items()
        ]


def offer_vocabularies(filterset):
    """Give every facet that has rows for choices its choices."""
    for name, offered in vocabularies(type(filterset)).items():
        facet = filterset.facets[name]
        facet.extra["choices"], facet.depths = offered.extra["choices"], offered.depths
        facet.below = offered.below


@kept
def vocabularies(filterset_class):
    """{facet: a copy that offers its choices} of the facets that have rows for choices, in one query."""
    facets = {
        name: deepcopy(facet)
        for name, facet in filterset_class.base_filters.items()
        if getattr(facet, "vocabulary", None)
    }
    rows = {name: [] for name in facets}
    for name, *row in united(facet.vocabulary_rows(name) for name, facet in facets.items()) if facets else ():
        rows[name].append(row)
    for name, facet in facets.items():
        facet.offer(rows[name])
    return facets


def of_all(filterset, *others):
    """A key for what is told of a valid filterset that nothing narrows; None for any other, of which there
    are too many to keep.
    """
    values = filterset.form.cleaned_data.items()
    if any(value for name, value in values if name not in filterset.PASSING):
        return None
    return type(filterset), filterset.queryset.model, *others


@kept(by=of_all)
def count_in_sql(filterset):
    """(total, {facet: {option: n}}) of a valid filterset, in one query or two.

    Facets of which nothing is chosen count the rows of the view: those of one value a row in one pass.
    """
    chosen = filterset.form.cleaned_data
    free = {name: facet for name, facet in filterset.facets.items() if not facet.picked(chosen[name])}
    single = {name: facet.single for name, facet in free.items() if facet.single is not None}
    total, found = cross_tabulated(filterset.qs, single)
    others = filterset.facets.keys() - single.keys()
    arms = [filterset.facets[name].counts(filterset.filtered(without=name), name) for name in sorted(others)]
    if arms:
        found |= counted(united(chain.from_iterable(arms)))
    return total, defaultdict(Counter, found)


def shown_facets(filterset, found):
    """The FacetCounts of a filterset from {facet: {option: n}}."""
    return [
        FacetCounts(name, facet.label, list(options(filterset, name, facet.total(found[name]))))
        for name, facet in filterset.facets.items()
    ]


def options(filterset, name, counts):
    facet, chosen = filterset.facets[name], filterset.form.cleaned_data[name]
    for value, label in facet.extra["choices"]:
        if counts.get(value) or value in chosen:
            yield Option(value, label, counts.get(value, 0), value in chosen, facet.depths.get(value, 0))
