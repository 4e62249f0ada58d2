"""One list, many faces: a filterset's result as a page, JSON, CSV or Atom at the same address."""

from django.http import Http404, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.http import require_safe

from ecosystem import charts
from ecosystem.addresses import printable, with_query
from ecosystem.edition import dated
from ecosystem.linked_data import breadcrumbs, dataset
from ecosystem.renderers import LONGEST_FILE, RENDERERS, WHOLE, not_valid, problem
from ecosystem.results import PAGE_SIZE, Listing

LARGEST_PAGE = 100
# Proxies refuse an answer whose headers are longer than a few kilobytes.
LONGEST_HEADER = 2000


# No form posts here, so that a program that writes is told 405 and not of a token.
@method_decorator(require_safe, name="dispatch")
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
    # Pages that show the same result as a picture, as (words, URL name).
    pictures = ()
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
            return not_valid(errors)
        listing = Listing(self, filterset, suffix)
        if suffix not in WHOLE and listing.page is None:
            last = f"There is no such page. The last is {listing.paginator.num_pages}."
            return problem(404, last, [("page", last)])
        if suffix in WHOLE and (number := listing.queryset.count()) > LONGEST_FILE:
            advice = "Narrow it, or take the whole data set."
            return problem(
                400, f"This view has {number:,} records, a file at most {LONGEST_FILE:,}. {advice}"
            )
        return with_links(RENDERERS[suffix](listing), listing)

    def get_chart(self, filterset, name):
        """The numbers of one chart as CSV, under the same rules as the list's own files."""
        specification = next((spec for spec in self.charts if spec.name == name), None)
        if specification is None:
            raise Http404
        errors = self.refusals(filterset, "csv")
        if errors:
            return not_valid(errors)
        [chart] = charts.draw(Listing(self, filterset, "csv"), [specification])
        return charts.render_csv(chart)

    def refusals(self, filterset, suffix):
        """What a program must not be left to guess, as (parameter, message) pairs."""
        errors = [(name, "This list has no such parameter.") for name in filterset.unknown]
        looks = [name for name in filterset.PAGE_ONLY if name in filterset.data and name in filterset.filters]
        errors += [(name, "Only the page has views, no data format.") for name in looks]
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
            "table": f"ecosystem/_{noun}_table.html",
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
