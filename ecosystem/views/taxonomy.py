"""Sectors and places: what they mean, and what is in them, counted as the lists count."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ecosystem import maps
from ecosystem.addresses import absolute
from ecosystem.citations import Bibliography
from ecosystem.columns import PLACE, SECTOR, SOURCE, as_dict, link
from ecosystem.filters import PlaceFilterSet, SectorFilterSet
from ecosystem.listing import FilteredListView, listed, with_links
from ecosystem.models import Place, Sector
from ecosystem.views.breakthrough import BreakthroughListView
from ecosystem.views.challenge import ChallengeListView
from ecosystem.views.company import CompanyListView
from ecosystem.views.institution import InstitutionListView
from ecosystem.views.record import DetailView


class SectorDataView(FilteredListView):
    """The vocabulary as data; its page is no filtered list."""

    model = Sector
    filterset_class = SectorFilterSet
    columns = SECTOR
    suffixes = ("json", "csv")
    introduction = "The fields of work into which records are sorted, each with its definition."


class PlaceDataView(SectorDataView):
    model = Place
    filterset_class = PlaceFilterSet
    columns = PLACE
    introduction = "Districts, towns, parks and campuses of the hub."


def with_counts(rows, listing, facet_name):
    """The rows of a vocabulary, each with its number in a list."""
    facet = next(facet for facet in listing.facets if facet.name == facet_name)
    counted = {option.value: option.count for option in facet.options}
    for row in rows:
        row.companies_here = counted.get(row.slug, 0)
    return rows


class WordDetailView(DetailView):
    """A word of a vocabulary, and the lists of what it is said of: the parameter has the word's name."""

    lists = ()

    def listings(self, word):
        noun = self.model._meta.model_name
        found = (listed(view, **{noun: word.slug}) for view in self.lists)
        return {str(listing.noun): listing for listing in found}

    def beside(self, word):
        return {
            "lists": {
                name: {"total": listing.total, "url": absolute(listing.in_format("json"))}
                for name, listing in self.listings(word).items()
            }
        }

    def surroundings(self, word):
        return self.listings(word)


class SectorDetailView(WordDetailView):
    model = Sector
    columns = SECTOR
    lists = (CompanyListView, BreakthroughListView, ChallengeListView)


class PlaceDetailView(WordDetailView):
    model = Place
    columns = PLACE
    lists = (CompanyListView, InstitutionListView)

    def get_queryset(self):
        return super().get_queryset().for_export().prefetch_related("children")

    def beside(self, place):
        return {
            "inside": [link(child) for child in place.children.all()],
            **super().beside(place),
            "cited": [as_dict(SOURCE, source) for source in place.sources.all()],
        }

    def path_to(self, place):
        return [(row.name, row.get_absolute_url()) for row in (place.parent, place) if row]

    def surroundings(self, place):
        bibliography = Bibliography()
        marks = bibliography.cite(place.sources.all())
        return {**super().surroundings(place), "prose_marks": marks, "bibliography": bibliography.entries}


def vocabulary(request, view, context):
    """The page of a whole vocabulary, with where it is as data."""
    listing = listed(view)
    template = f"ecosystem/{view.model._meta.model_name}_list.html"
    return with_links(render(request, template, {**context, "listing": listing}), listing)


@require_safe
def sector_list(request):
    sectors = with_counts(list(Sector.objects.published()), listed(CompanyListView), "sector")
    return vocabulary(request, SectorDataView, {"sectors": sectors})


def tree(places):
    """Places in the order of the map: each one before those inside it, with its depth."""
    inside = {}
    for place in places:
        inside.setdefault(place.parent_id, []).append(place)

    def walk(parent_id, depth):
        for place in inside.get(parent_id, []):
            place.depth = depth
            yield place
            yield from walk(place.pk, depth + 1)

    return list(walk(None, 0))


@require_safe
def place_list(request):
    companies = listed(CompanyListView)
    places = with_counts(tree(Place.objects.published()), companies, "place")
    roots = [place for place in places if not place.depth]
    context = {
        "places": places,
        "map": maps.draw(places),
        "off_map": [place for place in places if place.latitude is None and place.parent_id],
        "total": companies.total,
        "nowhere": companies.total - sum(place.companies_here for place in roots),
    }
    return vocabulary(request, PlaceDataView, context)
