import csv
from datetime import timedelta

import html5lib
import pytest
from django.utils import timezone

from ecosystem.charts import MOST_YEARS, Chart
from ecosystem.listing import listed
from ecosystem.models import Breakthrough, Challenge, Company, Place, Sector
from ecosystem.views.breakthrough import BreakthroughListView
from ecosystem.views.challenge import ChallengeListView
from ecosystem.views.company import CompanyListView
from tests.builders import build

pytestmark = pytest.mark.django_db


def field():
    """Six firms of the hub, one of them without a year or a sector, and one that is only linked to it."""
    robotics, chips = build(Sector, "robotics", name="Robotics"), build(Sector, "chips", name="Chips")
    both = {"sectors": [robotics, chips]}
    build(Company, "old", founded="2001", many={"sectors": [chips]})
    build(Company, "month", founded="2003-07", many=both)
    build(Company, "day", founded="2003-07-09", many=both)
    build(Company, "young", founded="2004", ownership="public", many={"sectors": [robotics]})
    build(Company, "loner")
    build(Company, "nameless", ownership="public", many={"sectors": [robotics]})
    build(Company, "linked", founded="1999", hub_link="linked", many=both)


def chart(view, name, **parameters):
    return next(chart for chart in listed(view, **parameters).charts if chart.name == name)


def sums(drawn):
    return sum(count for _, count in drawn.rows)


def numbers(client, address):
    """The rows of a CSV file, without its header."""
    response = client.get(address)
    assert response.status_code == 200, response.content
    return list(csv.reader(response.content.decode("utf-8-sig").splitlines()))[1:]


def test_year_chart_shows_every_year_and_says_what_it_cannot_place():
    field()
    drawn = chart(CompanyListView, "founded")
    assert drawn.counts == [("2001", 1), ("2002", 0), ("2003", 2), ("2004", 1)]
    assert drawn.others == [("with no known founding year", 2)]
    assert "undercounted" in drawn.note


def test_facet_chart_says_who_is_counted_again():
    field()
    drawn = chart(CompanyListView, "sectors")
    assert drawn.counts == [("Robotics", 4), ("Chips", 3)]
    assert drawn.others == [("in no sector", 1), ("counted again, being in several sectors", -2)]


@pytest.mark.parametrize(
    "parameters",
    [{}, {"sector": "chips"}, {"ownership": "public"}, {"founded_from": "2003"}, {"hub_link": "linked"}],
)
def test_charts_add_up_to_the_list(parameters):
    field()
    listing = listed(CompanyListView, **parameters)
    assert listing.total
    assert [sums(drawn) for drawn in listing.charts] == [listing.total] * 2


def test_charts_of_breakthroughs_and_challenges_add_up():
    for date in ("2019", "2021-02", None):
        build(Breakthrough, date=date)
    for severity, category in (("high", "talent"), ("low", "talent"), ("high", "costs")):
        build(Challenge, severity=severity, category=category)
    assert sums(chart(BreakthroughListView, "years")) == 3
    assert chart(ChallengeListView, "severity").counts == [("High", 2), ("Low", 1)]
    assert chart(ChallengeListView, "category").counts == [("Talent", 2), ("Housing and costs", 1)]


def test_year_chart_gathers_what_is_long_ago():
    for year in ("1800", "1801-02", "2020"):
        build(Company, founded=year)
    drawn = chart(CompanyListView, "founded")
    assert drawn.counts[0] == (f"before {2021 - MOST_YEARS}", 2)
    assert len(drawn.counts) == MOST_YEARS + 1
    assert drawn.note.startswith("The first bar holds all years before 1961.")
    assert sums(drawn) == 3


def test_chart_of_nothing_known_draws_no_picture(client):
    build(Company)
    assert chart(CompanyListView, "founded").counts == []
    assert "company-founded" not in client.get("/companies/").content.decode()


def test_charts_of_an_empty_list_are_left_out(client):
    assert 'class="charts"' not in client.get("/companies/").content.decode()


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_charts_count_only_what_is_public(client, state):
    build(Company, founded="2001")
    build(Company, founded="2002", state=state)
    build(Company, founded="2003", published_at=timezone.now() + timedelta(days=1))
    assert numbers(client, "/companies/charts/founded.csv") == [["2001", "1"]]


def test_chart_file_holds_the_numbers_of_the_page(client):
    field()
    page = client.get("/companies/?sector=chips").content.decode()
    assert "/companies/charts/founded.csv?sector=chips" in page
    rows = numbers(client, "/companies/charts/founded.csv?sector=chips")
    assert rows == [["2001", "1"], ["2002", "0"], ["2003", "2"]]
    assert all(f'<th scope="row">{year}</th><td>{count}</td>' in page for year, count in rows)


def test_chart_file_leaves_sort_and_page_size_out_of_its_address():
    field()
    listing = listed(CompanyListView, sector="chips", sort="founded", page_size="10")
    assert listing.charts[0].address == "/companies/charts/founded.csv?sector=chips"


@pytest.mark.parametrize(
    "query", ["colour=red", "sector=no", "founded_from=x", "page=1", "page_size=5", "q=a&q=b"]
)
def test_chart_file_refuses_what_the_list_refuses(client, query):
    response = client.get(f"/companies/charts/founded.csv?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()["detail"]


def test_chart_file_that_does_not_exist(client):
    assert client.get("/companies/charts/nonsense.csv").status_code == 404
    assert client.get("/factors/charts/founded.csv").status_code == 404


def test_chart_file_writes_no_formula(client):
    build(Company, many={"sectors": [build(Sector, "evil", name="=1+1")]})
    assert numbers(client, "/companies/charts/sectors.csv") == [["'=1+1", "1"]]


def test_chart_file_is_open_to_other_sites(client):
    build(Company, founded="2001")
    response = client.get("/companies/charts/founded.csv")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("address", ["/companies/", "/sectors/chips/", "/places/here/"])
def test_pages_with_charts_are_strict_html(client, address):
    field()
    build(Company, founded="2001", place=build(Place, "here"))
    page = client.get(address).content.decode()
    assert "Companies by founding year" in page
    html5lib.HTMLParser(strict=True).parse(page)


def test_charts_cost_one_query_however_long_the_list(django_assert_num_queries):
    field()
    listing = listed(CompanyListView)
    assert listing.total
    with django_assert_num_queries(1):
        assert listing.charts
    for n in range(30):
        build(Company, founded=f"{1980 + n}", many={"sectors": [build(Sector)]})
    listing = listed(CompanyListView)
    assert listing.total
    with django_assert_num_queries(1):
        assert len(listing.charts) == 2


def test_bars_stay_inside_their_picture():
    for counts in ([("2001", 1)], [(str(year), year % 7) for year in range(1960, 2021)]):
        for upright in (True, False):
            drawn = Chart("x", "X", None, counts, upright=upright)
            assert all(bar.x >= 0 and bar.x + bar.width <= 100 for bar in drawn.bars)
            assert all(bar.y >= 0 and bar.y + bar.height <= drawn.height for bar in drawn.bars)


def test_chart_names_few_years_under_many_columns():
    drawn = Chart("x", "X", None, [(str(year), 1) for year in range(1961, 2021)], upright=True)
    assert [bar.label for bar in drawn.bars if bar.named] == ["1970", "1980", "1990", "2000", "2010", "2020"]


def test_chart_in_words():
    drawn = Chart("x", "X", None, [("2001", 4), ("2002", 4), ("2003", 1)], upright=True)
    assert drawn.words == "3 bars. The longest is 4: 2001, 2002."
