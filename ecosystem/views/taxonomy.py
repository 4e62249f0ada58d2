"""Sectors and places: what they mean, and what is in them, counted as the lists count."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem import maps
from ecosystem.citations import Bibliography
from ecosystem.columns import PLACE, SECTOR
from ecosystem.filters import PlaceFilterSet, SectorFilterSet
from ecosystem.linked_data import breadcrumbs
from ecosystem.listing import FilteredListView, listed
from ecosystem.models import Place, Sector
from ecosystem.views.breakthrough import BreakthroughListView
from ecosystem.views.challenge import ChallengeListView
from ecosystem.views.company import CompanyListView
from ecosystem.views.institution import InstitutionListView


class SectorDataView(FilteredListView):
    """The vocabulary as data; its page is no filtered list."""

    model = Sector
    filterset_class = SectorFilterSet
    columns = SECTOR
    suffixes = ("json", "csv")
    has_records = False
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


def step_to(row):
    return row.name, row.get_absolute_url()


@require_safe
def sector_list(request):
    sectors = with_counts(list(Sector.objects.published()), listed(CompanyListView), "sector")
    return render(request, "ecosystem/sector_list.html", {"sectors": sectors})


@require_safe
def sector_detail(request, slug):
    sector = get_object_or_404(Sector.objects.published(), slug=slug)
    context = {
        "sector": sector,
        "linked_data_blocks": [breadcrumbs(("Sectors", reverse("sector-list")), step_to(sector))],
        "companies": listed(CompanyListView, sector=slug),
        "breakthroughs": listed(BreakthroughListView, sector=slug),
        "challenges": listed(ChallengeListView, sector=slug),
    }
    return render(request, "ecosystem/sector_detail.html", context)


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
    return render(request, "ecosystem/place_list.html", context)


@require_safe
def place_detail(request, slug):
    places = Place.objects.published().select_related("parent").prefetch_related("sources", "children")
    place = get_object_or_404(places, slug=slug)
    bibliography = Bibliography()
    path = [step_to(row) for row in (place.parent, place) if row]
    context = {
        "place": place,
        "linked_data_blocks": [breadcrumbs(("Places", reverse("place-list")), *path)],
        "prose_marks": bibliography.cite(place.sources.all()),
        "bibliography": bibliography.entries,
        "companies": listed(CompanyListView, place=slug),
        "institutions": listed(InstitutionListView, place=slug),
    }
    return render(request, "ecosystem/place_detail.html", context)
