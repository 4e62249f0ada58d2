"""One list, many faces: a filterset's result as a page, JSON, CSV or Atom at the same address."""

from functools import cached_property

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ecosystem import charts
from ecosystem.addresses import alternate, printable, with_query
from ecosystem.edition import citation, dated
from ecosystem.facets import count_facets
from ecosystem.linked_data import breadcrumbs, dataset
from ecosystem.renderers import CHUNK, MEDIA_TYPES, RENDERERS, WHOLE, problem

PAGE_SIZE = 24
LARGEST_PAGE = 100
# Proxies refuse an answer whose headers are longer than a few kilobytes.
LONGEST_HEADER = 2000


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

    @cached_property
    def queryset(self):
        return self.filterset.qs.order_by(*self.filterset.ordering)

    @cached_property
    def counted(self):
        return count_facets(self.filterset)

    @property
    def total(self):
        return self.counted[0]

    @property
    def facets(self):
        return self.counted[1]

    @cached_property
    def paginator(self):
        paginator = Paginator(self.queryset, int(self.value("page_size") or self.page_size))
        paginator.count = self.total
        return paginator

    @cached_property
    def page(self):
        """The page that is asked for, or None past the last."""
        number = int(self.value("page") or 1)
        return self.paginator.page(number) if number <= self.paginator.num_pages else None

    @cached_property
    def charts(self):
        return charts.draw(self, self.specifications) if self.specifications else []

    def chart_address(self, name):
        """The numbers of one chart under the filters in force, as CSV."""
        passing = {*self.filterset.PAGING, "sort"}
        pairs = [pair for pair in self.pairs if pair[0] not in passing]
        return with_query(reverse(f"{self.meta.model_name}-chart", args=[name]), pairs)

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
        if suffix:
            return reverse(f"{self.meta.model_name}-data", args=[suffix])
        return reverse(self.page_name)

    def in_format(self, suffix):
        """The address of the whole view in a format (None: the page)."""
        return with_query(self.path(suffix), [pair for pair in self.pairs if pair[0] != "page_size"])

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

    def exported(self):
        """Every row of the view with all that files tell of it, a chunk in memory at a time."""
        return self.queryset.for_export().iterator(chunk_size=CHUNK)

    @property
    def understood(self):
        """Every filter in force, defaults included: {parameter: value or values}."""
        applied = {}
        for name, value in self.filterset.form.cleaned_data.items():
            facet = self.filterset.facets.get(name)
            value = value or (facet and list(facet.default))
            if value and name not in self.filterset.PAGING:
                applied[name] = value if isinstance(value, list | str) else int(value)
        return applied

    @cached_property
    def labels(self):
        """{(facet, value): the value in words} of all options on show."""
        return {(facet.name, option.value): option.label for facet in self.facets for option in facet.options}

    @cached_property
    def narrowing(self):
        """The (name, value) pairs that filter, as against those that only sort or page."""
        return [pair for pair in self.pairs if pair[0] not in (*self.filterset.PAGING, "sort")]

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
        filters = [self.labels.get(pair) or self.bound_in_words(*pair) for pair in self.narrowing]
        return f"{self.total:,} {noun}" + (f": {', '.join(filters)}" if filters else "")

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


# No form posts here, so that a program that writes is told 405 and not of a token.
@method_decorator([csrf_exempt, require_safe], name="dispatch")
class FilteredListView(View):
    """A public list. Subclasses name a model, a filterset and columns."""

    model = None
    filterset_class = None
    columns = ()
    suffixes = tuple(RENDERERS)
    page_size = PAGE_SIZE
    # Whether each row has an address of its own as data.
    has_records = True
    introduction = ""
    charts = ()
    # A second page of the same list has a title, a URL name and a template of its own.
    title = ""
    page_name = ""
    template = "ecosystem/list.html"

    def get_queryset(self):
        return self.model.objects.published()

    def get(self, request, suffix=None, chart=None):
        data = tidied(request.GET, for_readers=not (suffix or chart))
        if suffix is None and data != request.GET:
            pairs = [(name, value) for name, values in data.lists() for value in values]
            return HttpResponseRedirect(with_query(request.path, pairs))
        filterset = self.filterset_class(data, self.get_queryset())
        if chart:
            return self.get_chart(filterset, chart)
        return self.get_data(filterset, suffix) if suffix else self.get_page(filterset)

    def get_data(self, filterset, suffix):
        if suffix not in self.suffixes:
            raise Http404
        errors = self.refusals(filterset, suffix)
        if errors:
            return problem(400, "Some parameters are not valid.", errors)
        listing = Listing(self, filterset, suffix)
        if suffix not in WHOLE and listing.page is None:
            last = f"The last page is {listing.paginator.num_pages}."
            return problem(404, "There is no such page.", [("page", last)])
        return with_links(RENDERERS[suffix](listing), listing)

    def get_chart(self, filterset, name):
        """The numbers of one chart as CSV, under the same rules as the list's own files."""
        specification = next((spec for spec in self.charts if spec.name == name), None)
        if specification is None:
            raise Http404
        errors = self.refusals(filterset, "csv")
        if errors:
            return problem(400, "Some parameters are not valid.", errors)
        [chart] = charts.draw(Listing(self, filterset, "csv"), [specification])
        return charts.render_csv(chart)

    def refusals(self, filterset, suffix):
        """What a program must not be left to guess, as (parameter, message) pairs."""
        errors = [(name, "This list has no such parameter.") for name in filterset.unknown]
        if not filterset.is_valid():
            errors += [(name, text) for name, texts in filterset.form.errors.items() for text in texts]
        if suffix in WHOLE:
            paging = [name for name in filterset.PAGING if name in filterset.data]
            errors += [(name, "This format holds the whole view, not pages.") for name in paging]
        return errors

    def get_page(self, filterset):
        valid = filterset.is_valid()
        if valid and (filterset.form.cleaned_data.get("page_size") or 0) > LARGEST_PAGE:
            filterset.form.add_error("page_size", f"A page shows at most {LARGEST_PAGE} rows.")
            valid = False
        if not valid:
            return self.render(filterset, status=400)
        return self.get_listing(Listing(self, filterset, None))

    def get_listing(self, listing):
        """The page of a valid view."""
        if listing.page is None:
            last = listing.paginator.num_pages
            context = {"last_page": last, "last_page_address": listing.address(page=last)}
            return render(self.request, "404.html", context, status=404)
        rows = listing.page.object_list.for_listing()
        return with_links(self.render(listing.filterset, listing=listing, rows=rows), listing)

    def render(self, filterset, status=200, **context):
        noun, plural = self.model._meta.model_name, self.model._meta.verbose_name_plural
        context |= {
            "filterset": filterset,
            "form": filterset.form,
            "meta": self.model._meta,
            "title": self.title or plural.capitalize(),
            "introduction": self.introduction,
            "card": f"ecosystem/_{noun}_card.html",
            "bare": reverse(self.page_name or f"{noun}-list"),
            "linked_data_blocks": self.linked_data(context.get("listing")),
        }
        return render(self.request, self.template, context, status=status)

    def linked_data(self, listing):
        """What search engines are told: only the whole list is a data set of its own."""
        if listing is None or self.request.GET:
            return []
        title = self.title or self.model._meta.verbose_name_plural.capitalize()
        return [breadcrumbs((title, listing.path(None))), dataset(listing, self.introduction)]


def with_links(response, listing):
    if len(listing.link_header) <= LONGEST_HEADER:
        response["Link"] = listing.link_header
    return dated(response)


def tidied(query, for_readers=True):
    """A copy of a query without empty values, which a form sends too, and without unprintable signs.

    A reader's space is as good as nothing; a program's is a value like any other.
    """
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        for value in values:
            if value.strip() if for_readers else value:
                kept.appendlist(printable(name), printable(value))
    return kept


def listed(view, **parameters):
    """The Listing of a view under these parameters: other pages show and count what the list does."""
    query = QueryDict(mutable=True)
    query.update(parameters)
    filterset = view.filterset_class(query, view.model.objects.published())
    if not filterset.is_valid():
        raise ValueError(filterset.form.errors.as_json())
    return Listing(view, filterset, None)
