from datetime import timedelta

import html5lib
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecosystem.listing import listed
from ecosystem.models import Company, Sector
from ecosystem.templatetags.portal import TINTS, seal, tint
from ecosystem.views import landscape
from ecosystem.views.company import CompanyListView
from ecosystem.views.landscape import LandscapeView, Region, regions
from tests.builders import build
from tests.pages import by_class, parse, words

pytestmark = pytest.mark.django_db


def field(number=3):
    """`number` companies in robotics, every second in chips too, and one in no sector."""
    robotics, chips = build(Sector, "robotics"), build(Sector, "chips")
    for n in range(number):
        sectors = [robotics, chips] if n % 2 == 0 else [robotics]
        build(Company, f"firm-{n}", founded=f"{2000 + n}", many={"sectors": sectors})
    build(Company, "loner")


def shown(**parameters):
    return regions(listed(LandscapeView, **parameters))


def tiles(region):
    return [company.slug for company in region.companies]


def test_regions_largest_first_and_the_unsorted_last():
    field()
    assert [(region.sector and region.sector.slug, region.count, tiles(region)) for region in shown()] == [
        ("robotics", 3, ["firm-0", "firm-1", "firm-2"]),
        ("chips", 2, ["firm-0", "firm-2"]),
        (None, 1, ["loner"]),
    ]


@pytest.mark.parametrize("parameters", [{}, {"sector": "chips"}, {"founded_from": "2001"}, {"q": "firm"}])
def test_regions_count_what_their_lists_hold(client, parameters):
    field(5)
    build(Company, "linked", hub_link="linked", many={"sectors": Sector.objects.all()})
    for region in shown(**parameters):
        if region.sector:
            total = client.get(region.address.replace("/companies/", "/companies.json")).json()["total"]
            assert region.count == total == len(region.companies)


def test_regions_only_of_sectors_asked_for():
    field()
    assert [region.sector.slug for region in shown(sector="chips")] == ["chips"]


def test_regions_of_two_sectors_asked_for_lead_to_one_each(client):
    field()
    page = parse(client.get("/landscape/?sector=chips&sector=robotics&founded_from=2001"))
    counts = {address: words(link) for link in by_class(page, "count") if (address := link.get("href"))}
    assert counts == {
        "/companies/?founded_from=2001&sector=robotics": "2 companies in Robotics",
        "/companies/?founded_from=2001&sector=chips": "1 company in Chips",
    }


def test_regions_keep_the_chosen_order():
    field()
    assert tiles(shown(sort="-founded")[0]) == ["firm-2", "firm-1", "firm-0"]


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_landscape_hides_what_is_not_public(client, state):
    field()
    build(Company, "secret", state=state, many={"sectors": Sector.objects.all()})
    page = client.get("/landscape/").content.decode()
    assert "secret" not in page
    assert "firm-0" in page


def test_landscape_hides_what_is_scheduled(client):
    field()
    tomorrow = timezone.now() + timedelta(days=1)
    build(Company, "secret", published_at=tomorrow, many={"sectors": Sector.objects.all()})
    assert b"secret" not in client.get("/landscape/").content


def test_landscape_says_a_line_about_each_company_in_the_page(client):
    field(1)
    page = client.get("/landscape/").content.decode()
    assert page.count('<p class="tile-line">What firm-0 is.</p>') == 2


def test_landscape_past_the_largest_picture_says_so(client, monkeypatch):
    field(4)
    monkeypatch.setattr(landscape, "MOST_TILES", 2)
    page = client.get("/landscape/").content.decode()
    assert "Only the first 2 companies are drawn; 3 are not." in page
    assert "2 more in the list" in page


def test_landscape_of_nothing_names_the_filter_to_drop(client):
    field()
    page = client.get("/landscape/?founded_from=2030").content.decode()
    assert "Nothing matches all of these filters." in page


def test_landscape_leads_out_firms_as_the_list_does(client):
    build(Company, "linked", hub_link="linked")
    assert "1 not shown: linked only (1)" in client.get("/landscape/").content.decode()
    assert "linked" in tiles(shown(hub_link="linked")[0])


@pytest.mark.parametrize(
    "query", ["sector=nonsense", "founded_from=x", "founded_from=1&founded_from=2", "sort=x"]
)
def test_landscape_refuses_what_is_not_valid(client, query):
    response = client.get(f"/landscape/?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.content.decode()


@pytest.mark.parametrize("name", ["colour", "page", "page_size"])
def test_landscape_names_parameters_that_it_does_not_have(client, name):
    field()
    response = client.get(f"/landscape/?{name}=2")
    assert response.status_code == 200
    assert f"We ignored: {name}" in response.content.decode()


def test_landscape_drops_blank_fields(client):
    assert client.get("/landscape/?q=&sort=name")["Location"] == "/landscape/?sort=name"


def test_landscape_links_to_data_of_the_same_view(client):
    field()
    assert "/companies.csv?sector=chips" in client.get("/landscape/?sector=chips").content.decode()


def queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_landscape_asks_the_same_number_of_queries_for_more(client):
    field(3)
    client.get("/landscape/")
    few = queries(client, "/landscape/")
    for n in range(30):
        build(Company, f"more-{n}", many={"sectors": [build(Sector)]})
    assert queries(client, "/landscape/") == few <= 12


def test_landscape_is_strict_html(client):
    field()
    html5lib.HTMLParser(strict=True).parse(client.get("/landscape/").content.decode())


def test_landscape_answers_to_reading_alone():
    assert Client().post("/landscape/").status_code == 405


def test_landscape_in_sitemap_and_navigation(client):
    assert f"{reverse('landscape')}</loc>" in client.get("/sitemap/pages-1.xml").content.decode()
    assert 'href="/landscape/" aria-current="page"' in client.get("/landscape/").content.decode()


@pytest.mark.parametrize(("count", "columns"), [(1, 2), (10, 4), (24, 6), (500, 9)])
def test_region_is_wider_than_high(count, columns):
    assert Region(None, count, []).columns == columns


def test_seal_has_the_colour_of_the_first_sector(django_assert_num_queries):
    later, first = build(Sector, "z"), build(Sector, "a")
    build(Company, "firm", many={"sectors": [later, first]})
    company = Company.objects.prefetch_related("sectors").get()
    assert f"seal tint-{first.pk % TINTS}" in seal(company)
    with django_assert_num_queries(0):
        assert "tint-none" in seal(Company(name="Firm", pk=1))


def test_tint_of_no_sector():
    assert tint(None) == "tint-none"


def test_company_list_view_is_the_same_list():
    field()
    assert listed(CompanyListView).total == listed(LandscapeView).total == 4
