"""What each parameter keeps, against sets worked out by hand."""

import pytest

from ecosystem.models import Breakthrough, Challenge, Collection, Company, Factor, Institution, Sector
from tests.builders import build, build_source, build_statement
from tests.pages import read_json, slugs

pytestmark = pytest.mark.django_db

FOUNDED = ["1999", "2015-12-31", "2016", "2016-01", "2016-07", "2016-07-09", "2017", None]


def kept(client, noun, query):
    return set(slugs(client, noun, query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("founded_from=2016", ["2016", "2016-01", "2016-07", "2016-07-09", "2017"]),
        ("founded_to=2016", ["1999", "2015-12-31", "2016", "2016-01", "2016-07", "2016-07-09"]),
        ("founded_from=2016&founded_to=2016", ["2016", "2016-01", "2016-07", "2016-07-09"]),
        ("founded_from=2015&founded_to=2015", ["2015-12-31"]),
        ("founded_from=2018", []),
        ("founded_from=2017&founded_to=2016", []),
        ("founded_to=2999", FOUNDED[:-1]),
        ("founded_from=1000", FOUNDED[:-1]),
        ("", FOUNDED),
    ],
)
def test_years_take_dates_of_any_precision(client, query, expected):
    """A bound is a whole year: 2016-07 is in 2016. What has no date is in no span of years."""
    for date in FOUNDED:
        build(Company, f"of-{date or 'unknown'}".lower(), founded=date)
    assert kept(client, "company", query) == {f"of-{date or 'unknown'}".lower() for date in expected}


def test_years_of_breakthroughs(client):
    for date in ("2019-12", "2020", "2021-01-01"):
        build(Breakthrough, f"of-{date}", date=date)
    assert kept(client, "breakthrough", "year_from=2020") == {"of-2020", "of-2021-01-01"}
    assert kept(client, "breakthrough", "year_to=2020") == {"of-2019-12", "of-2020"}


@pytest.mark.parametrize(
    "value",
    ["999", "3000", "2016.5", "-2016", "NaN", "Infinity", "1e999", "2016-07", "x", "9" * 400, "0x7e0"],
)
@pytest.mark.parametrize("name", ["founded_from", "founded_to"])
def test_year_out_of_bounds_is_refused(client, name, value):
    response = client.get("/companies.json", {name: value})
    assert response.status_code == 400
    assert {error["parameter"] for error in response.json()["errors"]} == {name}


@pytest.mark.parametrize("value", ["2016", "2.016e3", "２０１６", " 2016 "])
def test_year_is_read_as_a_number(client, value):
    build(Company, "in", founded="2016-07")
    build(Company, "before", founded="2015")
    assert client.get("/companies.json", {"founded_from": value}).json()["total"] == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("evidence=disputed", {"rivals"}),
        ("evidence=unsupported", {"rumour"}),
        ("evidence=corroborated", {"sure"}),
        ("evidence=disputed&evidence=corroborated", {"rivals", "sure"}),
        ("", {"rivals", "rumour", "sure", "mixed", "bare", "doubted-in-draft"}),
    ],
)
@pytest.mark.parametrize("model", [Company, Breakthrough, Challenge, Factor, Institution])
def test_evidence_reads_public_statements(client, model, query, expected):
    said = {
        "rivals": ["disputed", "disputed", "corroborated"],
        "rumour": ["unsupported", "reported"],
        "sure": ["corroborated", "corroborated"],
        "mixed": ["corroborated", "self-reported"],
        "bare": [],
    }
    for slug, statuses in said.items():
        record = build(model, slug)
        for status in statuses:
            build_statement(record, status=status)
        build_statement(build(model, state="draft"), status="disputed")
    build_statement(build(model, "doubted-in-draft"), status="disputed", draft=True)
    assert kept(client, model._meta.model_name, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [("has_response=yes", {"answered"}), ("has_response=no", {"open", "drafted", "updated"})],
)
def test_response_reads_public_statements(client, query, expected):
    build_statement(build(Challenge, "answered"), kind="response")
    build_statement(build(Challenge, "drafted"), kind="response", draft=True)
    build_statement(build(Challenge, "updated"), kind="update")
    build(Challenge, "open")
    assert kept(client, "challenge", query) == expected


@pytest.mark.parametrize(("value", "expected"), [("yes", {"open"}), ("no", {"shut"}), ("unknown", {"dark"})])
def test_open_source_keeps_the_unknown_apart(client, value, expected):
    for slug, open_source in [("open", True), ("shut", False), ("dark", None)]:
        build(Company, slug, open_source=open_source)
    assert kept(client, "company", f"open_source={value}") == expected


@pytest.fixture
def links():
    """One company of each link to the hub."""
    for link in Company.HubLink.values:
        build(Company, link, hub_link=link)


def test_companies_of_other_places_are_left_out_and_counted(client, links):
    assert kept(client, "company", "") == {"headquarters", "office"}
    assert read_json(client, "company")["filters"]["hub_link"] == ["headquarters", "office"]
    page = client.get("/companies/").content.decode()
    assert "2 not shown: linked only (1), not known (1)." in page
    everything = "hub_link=headquarters&amp;hub_link=linked&amp;hub_link=office&amp;hub_link=unknown"
    assert f'<a href="/companies/?{everything}">Show them too</a>' in page
    assert kept(client, "company", everything.replace("&amp;", "&")) == set(Company.HubLink.values)


@pytest.mark.parametrize("query", ["hub_link=linked", "hub_link=headquarters&hub_link=linked"])
def test_nothing_is_left_out_where_a_link_is_chosen(client, links, query):
    assert kept(client, "company", query) == {pair.removeprefix("hub_link=") for pair in query.split("&")}
    assert "not shown" not in client.get(f"/companies/?{query}").content.decode()


def test_nothing_is_left_out_where_other_filters_leave_nothing(client, links):
    assert "not shown" not in client.get("/companies/?ownership=closed").content.decode()


@pytest.mark.parametrize(
    ("noun", "query", "expected"),
    [
        ("company", "collection=dragons", {"deep"}),
        ("company", "affected_by=chips", {"deep"}),
        ("company", "ownership=closed", {"gone"}),
        ("breakthrough", "company=deep", {"model"}),
        ("breakthrough", "institution=zju", {"model"}),
        ("breakthrough", "kind=model-release", {"model"}),
        ("challenge", "company=deep", {"chips"}),
        ("challenge", "since_from=2022&since_to=2023", {"chips"}),
        ("challenge", "category=compute&severity=low&trend=easing", {"chips"}),
        ("factor", "kind=driver", {"talent"}),
        ("institution", "kind=university", {"zju"}),
        ("source", "kind=law", {"act"}),
    ],
)
def test_facet_keeps_the_rows_it_names(client, noun, query, expected):
    deep = build(Company, "deep")
    build(Company, "gone", ownership="closed")
    build(Collection, "dragons", many={"companies": [deep]})
    zju = build(Institution, "zju", kind="university")
    build(Breakthrough, "model", kind="model-release", many={"companies": [deep], "institutions": [zju]})
    build(Breakthrough, "chip", kind="milestone")
    judged = {"category": "compute", "severity": "low", "trend": "easing"}
    build(Challenge, "chips", since="2022-10", many={"companies": [deep]}, **judged)
    build(Challenge, "rent", since="2024")
    build(Factor, "talent", kind="driver")
    build(Factor, "river", kind="advantage")
    build(Institution, "lab", kind="lab")
    deep.sources.set([build_source("act", kind="law"), build_source("post", kind="news")])
    assert kept(client, noun, query) == expected


SORTED = {
    "company": {
        "": ["a", "b", "c", "d"],
        "founded": ["b", "a", "c", "d"],
        "-founded": ["c", "a", "b", "d"],
        "updated": ["d", "c", "b", "a"],
    },
    "breakthrough": {
        "": ["c", "a", "b", "d"],
        "date": ["b", "a", "c", "d"],
        "name": ["a", "b", "c", "d"],
        "updated": ["d", "c", "b", "a"],
    },
    "challenge": {
        "": ["b", "d", "c", "a"],
        "since": ["b", "a", "c", "d"],
        "-since": ["c", "a", "b", "d"],
        "name": ["a", "b", "c", "d"],
        "updated": ["d", "c", "b", "a"],
    },
}
DATES = {"a": "2016", "b": "2015-12", "c": "2016-07", "d": None}
SEVERITIES = {"a": "low", "b": "high", "c": "medium", "d": "high"}
TRENDS = {"a": "steady", "b": "worsening", "c": "steady", "d": "easing"}


@pytest.mark.parametrize(("noun", "sort"), [(noun, sort) for noun in SORTED for sort in SORTED[noun]])
def test_sorts_put_the_unknown_last(client, noun, sort):
    """Severity and trend sort by weight, not by the alphabet."""
    for slug in "abcd":
        build(Company, slug, name=slug, founded=DATES[slug])
        build(Breakthrough, slug, name=slug, date=DATES[slug])
        judged = {"severity": SEVERITIES[slug], "trend": TRENDS[slug]}
        build(Challenge, slug, name=slug, since=DATES[slug], **judged)
    assert slugs(client, noun, sort and f"sort={sort}") == SORTED[noun][sort]


def test_sources_sort_by_publisher_or_date(client):
    cited = build(Company)
    for key, publisher, published in [("a", "Xinhua", "2020"), ("b", "BBC", None), ("c", "BBC", "2021-05")]:
        cited.sources.add(build_source(key, title=key, publisher=publisher, published=published))
    assert slugs(client, "source") == ["b", "c", "a"]
    assert slugs(client, "source", "sort=-published") == ["c", "a", "b"]


def test_company_facet_offers_companies_with_rows_in_the_list(client):
    build(Breakthrough, many={"companies": [build(Company, "deep")]})
    build(Company, "idle")
    build(Sector, "unused")
    facets = read_json(client, "breakthrough")["facets"]
    assert [option["value"] for option in facets["company"]] == ["deep"]
    assert facets["sector"] == []
