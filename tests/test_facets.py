"""The number beside an option is the length of the list behind it; OR within a facet, AND across."""

import random

import pytest

from ecosystem import options as counted
from ecosystem.facets import of_all
from ecosystem.filters import StatementFilterSet
from ecosystem.listing import listed
from ecosystem.models import (
    RECORDS,
    Breakthrough,
    Challenge,
    Collection,
    Company,
    Factor,
    Institution,
    Place,
    Sector,
    Statement,
)
from ecosystem.views.statement import StatementListView
from tests.builders import build, build_source, build_statement
from tests.pages import LISTED, read_json, slugs

pytestmark = pytest.mark.django_db

STATES = ["published"] * 6 + ["draft", "review", "withdrawn"]


@pytest.fixture
def city():
    """A few dozen records, dealt at random but always alike, drafts and all."""
    deal = random.Random(7)
    sectors = [build(Sector, f"sector-{n}") for n in range(4)]
    district = build(Place, "district")
    park = build(Place, "park", parent=district, kind="park")
    places = [district, park, build(Place, "campus", parent=park, kind="campus"), build(Place, "away"), None]

    def some(rows):
        return deal.sample(rows, deal.randint(0, min(3, len(rows))))

    def one(choices):
        return deal.choice(choices.values)

    companies = [
        build(
            Company,
            state=deal.choice(STATES),
            place=deal.choice(places),
            ownership=one(Company.Ownership),
            hub_link=one(Company.HubLink),
            open_source=deal.choice([True, False, None]),
            founded=deal.choice([None, "1999", "2010-05", "2016"]),
            many={"sectors": some(sectors)},
        )
        for _ in range(30)
    ]
    for n in range(8):
        state, many = deal.choice(STATES), {"companies": some(companies), "sectors": some(sectors)}
        build(Collection, state=state, many={"companies": many["companies"]})
        build(Breakthrough, state=state, kind=one(Breakthrough.Kind), date=f"202{n % 3}", many=many)
        challenge = build(Challenge, state=state, severity=one(Challenge.Severity), many=many)
        build_statement(challenge, kind=deal.choice(["response", "update"]), draft=n == 0)
        build(Factor, state=state, kind=one(Factor.Kind))
        build(Institution, state=state, kind=one(Institution.Kind), place=deal.choice(places))
    for model in (Company, Breakthrough):
        for record in model.objects.all():
            for status in deal.sample(Statement.Status.values, deal.randint(0, 2)):
                build_statement(record, status=status, draft=deal.random() < 0.2)
    for kind in ("law", "news", "news"):
        companies[0].sources.add(build_source(kind=kind))


QUERIES = {
    "company": [
        "sector=sector-1",
        "place=district&hub_link=headquarters&hub_link=linked",
        "ownership=private&ownership=closed&founded_from=2010",
        "evidence=disputed&sector=sector-0&sector=sector-2",
        "open_source=unknown&founded_to=2015",
    ],
    "breakthrough": ["sector=sector-1", "evidence=unsupported&evidence=corroborated", "year_from=2021"],
    "challenge": ["severity=high", "has_response=yes", "sector=sector-0&has_response=no"],
    "institution": ["place=district", "kind=lab&kind=university"],
    "source": ["kind=news"],
    "factor": ["kind=driver"],
}
VIEWS = [(noun, query) for noun in LISTED for query in ["", *QUERIES.get(noun, ())]]


def check_counts(client, noun, query):
    """Follow every option of every facet, alone in its facet as its number says, and count the rows."""
    data = read_json(client, noun, query)
    assert data["total"] == len(slugs(client, noun, query))
    followed = 0
    for name, options in data["facets"].items():
        others = "&".join(pair for pair in query.split("&") if pair and not pair.startswith(f"{name}="))
        for option in options:
            found = slugs(client, noun, f"{others}&{name}={option['value']}")
            assert option["count"] == len(found), (query, name, option)
            followed += 1
    return followed


@pytest.mark.parametrize(("noun", "query"), VIEWS)
def test_count_is_the_length_of_the_list_it_leads_to(client, city, noun, query):
    followed = check_counts(client, noun, query)
    assert followed or noun in ("collection", "hub")


@pytest.mark.parametrize("noun", LISTED)
def test_option_without_rows_is_not_offered(client, city, noun):
    facets = read_json(client, noun)["facets"]
    assert all(option["count"] for options in facets.values() for option in options)


def test_chosen_option_without_rows_stays_visible(client, city):
    build(Sector, "empty")
    data = read_json(client, "company", "sector=empty")
    assert data["total"] == 0
    assert {"value": "empty", "label": "Empty", "count": 0} in data["facets"]["sector"]


def test_facet_of_very_many_offers_those_that_lead_to_most(client, monkeypatch):
    monkeypatch.setattr(counted, "MOST_OFFERED", 2)
    sectors = [build(Sector, f"s{n}") for n in range(4)]
    for n, sector in enumerate(sectors):
        for m in range(n + 1):
            build(Company, f"c{n}-{m}", many={"sectors": [sector]})
    offered = {option["value"] for option in read_json(client, "company")["facets"]["sector"]}
    assert offered == {"s2", "s3"}
    page = client.get("/companies/?sector=s0").content.decode()
    assert 'value="s0" checked' in page
    assert "The 2 with most; 2 more have fewer." in page


@pytest.fixture
def four_companies():
    """By sector and ownership: ai and robots overlap in `both`."""
    ai, robots = build(Sector, "ai"), build(Sector, "robots")
    build(Company, "brain", ownership="private", many={"sectors": [ai]})
    build(Company, "arm", ownership="public", many={"sectors": [robots]})
    build(Company, "both", ownership="public", many={"sectors": [ai, robots]})
    build(Company, "none", ownership="private")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sector=ai", {"brain", "both"}),
        ("sector=ai&sector=robots", {"brain", "arm", "both"}),
        ("sector=ai&ownership=public", {"both"}),
        ("sector=ai&sector=robots&ownership=public", {"arm", "both"}),
        ("ownership=public&ownership=private", {"brain", "arm", "both", "none"}),
        ("sector=robots&ownership=private", set()),
    ],
)
def test_values_of_one_facet_mean_or_and_facets_mean_and(client, four_companies, query, expected):
    found = slugs(client, "company", query)
    assert set(found) == expected
    assert len(found) == len(expected), "a row in two chosen sectors is listed once"


def test_facet_counts_apply_all_filters_but_its_own(client, four_companies):
    facets = read_json(client, "company", "sector=robots&ownership=public")["facets"]
    counts = {name: {option["value"]: option["count"] for option in facets[name]} for name in facets}
    assert counts["sector"] == {"ai": 1, "robots": 2}
    assert counts["ownership"] == {"public": 2}


@pytest.fixture
def tree():
    """district > park > campus, and a district beside it; one company in each."""
    district = build(Place, "district")
    park = build(Place, "park", parent=district)
    campus = build(Place, "campus", parent=park)
    for place in (district, park, campus, build(Place, "away")):
        build(Company, f"in-{place.slug}", place=place)
    build(Company, "in-nowhere")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("place=district", {"in-district", "in-park", "in-campus"}),
        ("place=park", {"in-park", "in-campus"}),
        ("place=campus", {"in-campus"}),
        ("place=campus&place=away", {"in-campus", "in-away"}),
        ("place=district&place=park", {"in-district", "in-park", "in-campus"}),
    ],
)
def test_district_includes_its_parks(client, tree, query, expected):
    assert set(slugs(client, "company", query)) == expected


def test_tree_counts_what_is_below_and_keeps_its_shape(client, tree):
    facet = read_json(client, "company")["facets"]["place"]
    assert [(option["value"], option["count"]) for option in facet] == [
        ("away", 1),
        ("district", 3),
        ("park", 2),
        ("campus", 1),
    ]
    page = client.get("/companies/").content.decode()
    for slug, depth in [("district", 0), ("park", 1), ("campus", 2)]:
        assert f'<label class="depth-{depth}"><input type="checkbox" name="place" value="{slug}"' in page


def test_draft_is_no_option_and_no_row(client):
    """A hidden record is neither offered by name, nor counted, nor accepted as a value."""
    hidden = {"state": "draft", "name": "Sentinel"}
    company = build(Company, "seen")
    for model in (Collection, Challenge):
        build(model, "hidden", many={"companies": [company]}, **hidden)
    build(Company, "hidden", many={"sectors": [build(Sector, "only-drafts")]}, **hidden)
    data = read_json(client, "company")
    assert data["facets"].keys() >= {"sector", "collection", "affected_by"}
    assert not any(data["facets"][name] for name in ("sector", "collection", "affected_by"))
    for name in ("collection", "affected_by"):
        assert client.get(f"/companies.json?{name}=hidden").status_code == 400


def test_every_record_has_a_list():
    assert set(LISTED) == {model._meta.model_name for model in RECORDS} | {"source"}


def test_only_the_counts_of_a_whole_list_are_kept():
    def key(**parameters):
        return of_all(listed(StatementListView, **parameters).filterset)

    assert key() == key(sort="date", page="2") == (StatementFilterSet, Statement)
    assert key(status="disputed") is key(year_from="2020") is None
