"""The whole field on one page: sectors as regions, companies as tiles."""

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt

from django.urls import reverse

from ecosystem.addresses import with_query
from ecosystem.filters import CompanyFilterSet
from ecosystem.models import Sector
from ecosystem.views.company import CompanyListView

# A page of more tiles is no picture any more; counts stay exact, and filters bring up the rest.
MOST_TILES = 400
NARROWEST, WIDEST = 2, 9


@dataclass
class Region:
    """A sector with its companies under the filters in force. `address` is the list that `count` counts."""

    sector: Sector | None
    count: int
    companies: list
    address: str | None = None

    @property
    def columns(self):
        """How many tiles stand side by side, for a region somewhat wider than high."""
        return min(max(round(sqrt(1.7 * self.count)), NARROWEST), WIDEST)

    @property
    def missing(self):
        return self.count - len(self.companies)


class LandscapeFilterSet(CompanyFilterSet):
    """The filters of the list of companies, without its pages and its table."""

    page = page_size = view = None
    PAGING = ()


def in_list(listing, slug):
    """The address of the list that a region shows: this sector, and all other filters as they are."""
    others = {pair for pair in listing.pairs if pair[0] != "sector"}
    return with_query(reverse("company-list"), others | {("sector", slug)})


def regions(listing):
    """The sectors of the companies found, largest first; those that are asked for, where some are."""
    facet = next(facet for facet in listing.facets if facet.name == "sector")
    sectors = {sector.slug: sector for sector in Sector.objects.published()}
    tiles = by_sector(listing.rows[:MOST_TILES].prefetch_related("sectors"))
    shown = [
        Region(sectors[option.value], option.count, tiles[option.value], in_list(listing, option.value))
        for option in facet.selected or facet.options
        if option.count
    ]
    if tiles[None]:
        shown.append(Region(None, listing.queryset.filter(sectors=None).count(), tiles[None]))
    return sorted(shown, key=lambda region: (region.sector is None, -region.count))


def by_sector(companies):
    """{slug: companies}; those in no sector are under None."""
    found = defaultdict(list)
    for company in companies:
        for slug in [sector.slug for sector in company.sectors.all()] or [None]:
            found[slug].append(company)
    return found


class LandscapeView(CompanyListView):
    filterset_class = LandscapeFilterSet
    title = "Landscape"
    introduction = "The whole field on one page: each region is a sector, each seal a company."
    page_name = "landscape"
    template = "ecosystem/landscape.html"

    def get_listing(self, listing):
        hidden = max(0, listing.total - MOST_TILES)
        return self.render(
            listing.filterset, listing=listing, rows=regions(listing), hidden=hidden, most=MOST_TILES
        )

    def render(self, filterset, status=200, **context):
        # The picture wants the whole width: its filters stay folded until somebody asks for them.
        return super().render(filterset, status, folded=True, **context)
