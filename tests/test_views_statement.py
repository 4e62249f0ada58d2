"""The list of all statements: what it holds, what narrows it, and that its files agree with its page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecosystem.models import Breakthrough, Challenge, Company, Hub, Sector
from tests.builders import build, build_source, build_statement
from tests.pages import by_class, links, parse, read_csv, read_json, words
from tests.test_facets import check_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def stated():
    """Statements about records of several kinds in two sectors, and some that nobody may see."""
    ai, robots = build(Sector, "ai"), build(Sector, "robots")
    firm = build(Company, "firm", many={"sectors": [ai, robots]})
    feat = build(Breakthrough, "feat", many={"sectors": [robots]})
    hurdle = build(Challenge, "hurdle", many={"sectors": [ai]})
    build_statement(firm, [build_source()], reference="founded", date="2016-07")
    build_statement(firm, kind="check", key="", status="unsupported", reference="claim", date=None)
    build_statement(feat, kind="metric", status="disputed", reference="weight", date="2020")
    build_statement(hurdle, kind="response", key="", reference="step", date="2024-05-01")
    build_statement(build(Hub, "hub"), kind="policy", key="", reference="law", date="2024")
    build_statement(firm, reference="held-back", draft=True)
    build_statement(build(Company, state="draft"), reference="of-a-draft")


def references(client, query=""):
    return [row[0] for row in read_csv(client, "statement", query)[1:]]


def test_list_holds_what_is_public_newest_first(client, stated):
    assert references(client) == ["step", "law", "weight", "founded", "claim"]
    assert references(client, "sort=date") == ["founded", "weight", "law", "step", "claim"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=unsupported&status=disputed", ["weight", "claim"]),
        ("kind=response", ["step"]),
        ("record_type=company", ["founded", "claim"]),
        ("record_type=hub&record_type=breakthrough", ["law", "weight"]),
        ("sector=robots", ["weight", "founded", "claim"]),
        ("sector=ai&sector=robots&kind=fact", ["founded"]),
        ("year_from=2020&year_to=2023", ["weight"]),
        ("record_type=challenge&sector=robots", []),
    ],
)
def test_list_is_narrowed(client, stated, query, found):
    assert references(client, query) == found
    assert [row["reference"] for row in read_json(client, "statement", query)["records"]] == found


@pytest.mark.parametrize("query", ["", "sector=ai", "record_type=company&status=reported", "kind=check"])
def test_counts_are_the_lengths_of_the_lists_they_lead_to(client, stated, query):
    assert check_counts(client, "statement", query)


@pytest.mark.parametrize("query", ["record_type=source", "status=true", "q=robot", "since=2020"])
def test_program_is_told_what_is_not_valid(client, query):
    response = client.get(f"/statements.json?{query}")
    assert response.status_code == 400
    assert [error["parameter"] for error in response.json()["errors"]] == [query.split("=")[0]]


@pytest.mark.parametrize("view", ["rows", "table"])
def test_page_leads_to_each_statement_where_it_stands(client, stated, view):
    tree = parse(client.get(f"/statements/?view={view}&sort=-date"))
    [results] = by_class(tree, "results")
    assert links(results).keys() >= {
        "/challenges/hurdle/#step",
        "/hubs/hub/#law",
        "/breakthroughs/feat/#weight",
        "/companies/firm/#founded",
    }
    assert "Unsupported" in words(results)


def queries_of(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("path", ["/statements/", "/statements/?view=table", "/statements.json"])
def test_queries_stay_flat(client, stated, path):
    few = queries_of(client, path)
    for firm in (build(Company) for _ in range(3)):
        build_statement(firm, [build_source(), build_source()])
    assert queries_of(client, path) == few
