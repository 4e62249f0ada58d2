"""The result of a list under its filters: rows, pages, counts, addresses, and the view in words."""

from decimal import Decimal
from functools import cached_property

from django.core.paginator import Paginator
from django.urls import reverse

from ecosystem import charts
from ecosystem.addresses import alternate, with_query
from ecosystem.columns import TABLES
from ecosystem.edition import citation
from ecosystem.facets import count_in_sql, shown_facets
from ecosystem.kept_rows import MOST_LINES
from ecosystem.list_index import index_of
from ecosystem.models import RECORDS
from ecosystem.plain import blocks, plan
from ecosystem.renderers import CHUNK, MEDIA_TYPES
from ecosystem.selection import Selection
from ecosystem.tables import table

PAGE_SIZE = 24


class Listing:
    """The result of a valid filterset, and what pages and formats say about it."""

    def __init__(self, view, filterset, suffix):
        self.filterset = filterset
        self.columns = view.columns
        self.suffixes = view.suffixes
        self.specifications = view.charts
        self.meta = view.model._meta
        self.noun = view.model._meta.verbose_name_plural
        self.page_name = view.page_name or f"{self.meta.model_name}-list"
        self.suffix = suffix
        self.page_size = view.page_size
        self.pictures = view.pictures

    @cached_property
    def queryset(self):
        return self.filterset.qs.order_by(*self.filterset.ordering)

    @cached_property
    def selection(self):
        """The rows of the view in memory, or None where SQL has to find and count them."""
        index = index_of(self.filterset.queryset)
        return index and Selection(index, self.filterset)

    @property
    def rows(self):
        """All rows of the view in order: to be sliced into querysets."""
        return self.selection or self.queryset

    @cached_property
    def counted(self):
        """(total, {facet: {option: n}})"""
        if self.selection:
            return self.selection.total, self.selection.facet_counts()
        return count_in_sql(self.filterset)

    @property
    def total(self):
        return self.selection.total if self.selection else self.counted[0]

    @cached_property
    def facets(self):
        return shown_facets(self.filterset, self.counted[1])

    @cached_property
    def paginator(self):
        paginator = Paginator(self.rows, int(self.value("page_size") or self.page_size))
        paginator.count = self.total
        return paginator

    @cached_property
    def page(self):
        """The page that is asked for, or None past the last."""
        number = int(self.value("page") or 1)
        return self.paginator.page(number) if number <= self.paginator.num_pages else None

    @property
    def window(self):
        """The part of the view that the page shows."""
        return slice(max(0, self.page.start_index() - 1), self.page.end_index())

    def keys(self, window):
        """The primary keys of a part of the view, in order."""
        if self.selection:
            return self.selection.keys(window)
        return self.queryset[window].values_list("pk", flat=True)

    def told(self, window, reading=None):
        """A part of the view as tables tell it, or as `reading` of its queryset does; a chunk in memory."""
        if (model := self.queryset.model) not in TABLES:
            return self.queryset[window].for_export().iterator(chunk_size=CHUNK)
        read = table(model) if model in RECORDS and not reading else plan(model, reading or "for_export")
        return read.in_order(self.keys(window), CHUNK)

    def cards(self, render):
        """`render(record)` of each record of the page; what was rendered of the same content is kept."""
        if self.selection:
            return self.selection.index.shown.cards(self.keys(self.window), self.page.object_list, render)
        return map(render, self.page.object_list.for_listing())

    @cached_property
    def charts(self):
        return charts.draw(self, self.specifications) if self.specifications else []

    def chart_address(self, name):
        """The numbers of one chart under the filters in force, as CSV."""
        return with_query(reverse(f"{self.meta.model_name}-chart", args=[name]), self.narrowing)

    def value(self, name):
        return self.filterset.form.cleaned_data.get(name)

    @cached_property
    def pairs(self):
        """The parameters in force as (name, value) pairs, without the page."""
        data, names = self.filterset.data, self.filterset.filters.keys() - {"page"}
        return sorted({(name, value) for name in names & data.keys() for value in data.getlist(name)})

    def address(self, page=1, without=(), also=()):
        """This view's address, at another page, with a filter less or more."""
        return with_query(self.path(self.suffix), self.changed(page, without, also))

    def changed(self, page=1, without=(), also=()):
        pairs = {*self.pairs, *also} - {*without}
        return pairs | {("page", page)} if page > 1 else pairs

    def path(self, suffix):
        data = f"{self.meta.model_name}-data"
        return reverse(data, args=[suffix]) if suffix else reverse(self.page_name)

    def in_format(self, suffix):
        """The address of the whole view in a format (None: the page)."""
        passing = ("page_size", *self.filterset.PAGE_ONLY)
        return with_query(self.path(suffix), [pair for pair in self.pairs if pair[0] not in passing])

    @property
    def looks(self):
        """The same result in each of its looks, as (words, address, whether it is this one)."""
        kept = {pair for pair in self.pairs if pair[0] != "view"}
        rows = kept | ({("page", self.page.number)} if self.page.number > 1 else set())
        listed, shown = f"{self.meta.model_name}-list", self.value("view") or "rows"
        for view, words in self.filterset.VIEWS:
            pairs = rows if view == "rows" else rows | {("view", view)}
            current = self.page_name == listed and view == shown
            yield words, with_query(reverse(listed), pairs), current
        for words, name in self.pictures:
            pairs = [pair for pair in kept if pair[0] != "page_size"]
            yield words, with_query(reverse(name), pairs), self.page_name == name

    def address_sorted(self, sort):
        """The first page of this view in another order."""
        return self.address(without=[pair for pair in self.pairs if pair[0] == "sort"], also=[("sort", sort)])

    @property
    def previous_address(self):
        return self.address(page=self.page.number - 1) if self.page.has_previous() else None

    @property
    def next_address(self):
        return self.address(page=self.page.number + 1) if self.page.has_next() else None

    @property
    def formats(self):
        """This view in other forms: [(suffix, media type, address)]."""
        return [(suffix, MEDIA_TYPES[suffix], self.in_format(suffix)) for suffix in self.suffixes]

    @property
    def whole(self):
        """The address of the page that lists everything of the view."""
        return self.in_format(None)

    @property
    def link_header(self):
        """The page and the other formats, for programs that read no HTML (RFC 8288)."""
        forms = [(None, "text/html", self.in_format(None)), *self.formats]
        return ", ".join(
            alternate(address, media_type) for suffix, media_type, address in forms if suffix != self.suffix
        )

    @property
    def cite(self):
        return citation(self.words, self.in_format(None))

    def lines(self, write):
        """Yield lists of what `write(records)` makes of all of the view; of the same content it is kept."""
        if not self.selection or (model := self.queryset.model) not in RECORDS or self.total > MOST_LINES:
            return map(write, blocks(self.told(slice(0, None)), CHUNK))
        return self.selection.index.shown.lines(self.keys(slice(0, None)), table(model).in_order, write)

    @property
    def understood(self):
        """Every filter in force and the order, defaults included: {parameter: value or values}."""
        applied = {}
        for name, value in self.filterset.form.cleaned_data.items():
            value = value or self.filterset.default(name)
            if value and name not in (*self.filterset.PAGING, *self.filterset.PAGE_ONLY):
                applied[name] = int(value) if isinstance(value, Decimal) else value
        return applied

    @cached_property
    def labels(self):
        """{(facet, value): the value in words} of all options on show."""
        return {(facet.name, option.value): option.label for facet in self.facets for option in facet.options}

    @cached_property
    def narrowing(self):
        """The (name, value) pairs that filter, as against those that only sort, page or show otherwise."""
        return [pair for pair in self.pairs if pair[0] not in self.filterset.PASSING]

    @property
    def chips(self):
        """Each filter in force as (label, value in words, address without it)."""
        return [
            (
                self.filterset.filters[name].label,
                self.labels.get((name, value), value),
                self.address(without=[(name, value)]),
            )
            for name, value in self.narrowing
        ]

    @property
    def words(self):
        """The result in words: “12 companies: Robotics, Binjiang District, from year 2015”."""
        noun = self.meta.verbose_name if self.total == 1 else self.noun
        filters = ", ".join(self.labels.get(pair) or self.bound_in_words(*pair) for pair in self.narrowing)
        return f"{self.total:,} {noun}" + (f": {filters}" if filters else "")

    def bound_in_words(self, name, value):
        return f"“{value}”" if name == "q" else f"{self.filterset.filters[name].label.lower()} {value}"

    @cached_property
    def left_out(self):
        """What a default hides: {"number", "options", "address" of everything}, or None."""
        for facet in self.facets:
            rule = self.filterset.facets[facet.name]
            if rule.default and not facet.selected:
                hidden = [option for option in facet.options if option.value not in rule.default]
                everything = [(facet.name, value) for value, _ in rule.extra["choices"]]
                number = sum(option.count for option in hidden)
                return number and {
                    "number": number,
                    "options": hidden,
                    "address": self.address(also=everything),
                }
        return None
