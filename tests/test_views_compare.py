"""The two comparisons as pages and as a file."""

import csv
import io
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecosystem.models import Company, Hub
from ecosystem.search import reindex
from hubportal.limits import LONGEST_ADDRESS
from tests.builders import build, build_statement, populate
from tests.pages import by_class, links, parse, words
from tests.test_comparison import measure
from tests.test_search import HOSTILE

pytestmark = pytest.mark.django_db


def main(response):
    return next(parse(response).iter("main"))


def peers():
    return [build(Hub, f"peer-{n}", is_home=not n) for n in range(3)]


def test_hubs_stand_side_by_side_with_sources(client):
    measure(peers(), [13, 4, 6], unit="rank", label="Innovation rank", note="Of clusters.", actor="WIPO")
    tree = parse(client.get("/compare/"))
    [multiple] = by_class(tree, "multiple")
    rows = [words(row) for row in multiple.iter("tr")][1:]
    assert rows == ["Peer 1 4 2025 1", "Peer 2 6 2025 2", "Peer 0 this hub 13 2025 3"]
    assert "lower is better" in words(multiple)
    assert "All: Of clusters." in words(multiple)
    assert len(list(by_class(tree, "sources")[0].iter("li"))) == 3
    assert "1 indicator; none had to be left out." in words(tree)
    assert len(by_class(multiple, "ours")) == 2  # the row, and the shape of its mark
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_indicators_without_enough_figures_are_counted_and_listed(client):
    hubs = peers()
    measure(hubs, [1, 2, 3], label="Drawn")
    measure(hubs[:2], [1, 2], "few", label="Too few")
    text = words(main(client.get("/compare/")))
    assert "1 indicator of 2 cannot be compared" in text
    assert "Too few: a figure for 2 hubs." in text


def test_indicator_without_the_home_hub_says_so(client):
    home, *others = peers()
    measure([*others, build(Hub)], [1, 2, 3])
    assert f"There is none for {home.name}." in words(main(client.get("/compare/")))


def test_pages_without_content_say_so(client):
    assert "Nothing can be compared yet" in words(main(client.get("/compare/")))
    assert "Choose a company" in words(main(client.get("/companies/compare/")))


def test_figures_as_csv(client):
    hubs = peers()
    measure(hubs, [1, 2, 3])
    measure(hubs[:1], [1], "few")
    response = client.get("/compare.csv")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [(row["record"], row["key"], row["value"]) for row in rows] == [
        ("peer-2", "unicorns", "3"),
        ("peer-1", "unicorns", "2"),
        ("peer-0", "unicorns", "1"),
    ]
    assert response["Access-Control-Allow-Origin"] == "*"


def test_hub_comparison_takes_no_parameters(client):
    assert "We ignored: colour." in words(main(client.get("/compare/?colour=red")))
    response = client.get("/compare.csv?colour=red")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "colour"


@pytest.fixture
def firms():
    return [build(Company, f"firm-{n}", founded=f"{2000 + n}") for n in range(6)]


def compare(client, *slugs, status=200, **others):
    response = client.get("/companies/compare/", {"c": slugs, **others})
    assert response.status_code == status, response.content.decode()
    return response


def test_companies_stand_in_the_order_asked(client, firms):
    statement = build_statement(firms[1], key="founded", text="2001", status="corroborated")
    tree = parse(compare(client, "firm-2", "firm-1"))
    table = next(tree.iter("table"))
    head, founded, *_ = [words(row) for row in table.iter("tr")]
    assert head == "F Firm 2 Leave out Firm 2 F Firm 1 Leave out Firm 1"
    assert founded == "Founded differs 2002 2001 Corroborated 1"
    assert links(table)["/companies/compare/?c=firm-1"] == "Leave out Firm 2"
    assert statement.sources.get().title in words(by_class(tree, "sources")[0])
    assert "differs" not in next(words(row) for row in table.iter("tr") if "Tie to the hub" in words(row))


def test_one_company_asks_for_others(client, firms):
    tree = parse(compare(client, "firm-2", q="firm"))
    assert not list(tree.iter("table"))
    reindex()
    tree = parse(compare(client, "firm-2", q="firm"))
    assert links(tree)["/companies/compare/?c=firm-1&c=firm-2"] == "Add Firm 1"
    assert "/companies/compare/?c=firm-2&c=firm-2" not in links(tree)


def test_suggestions_are_bounded_and_public(client):
    for n in range(40):
        build(Company, f"firm-{n}", name="Robot")
    build(Company, "hidden", name="Robot", state="draft")
    reindex()
    for query in ({}, {"q": "robot"}):
        tree = parse(compare(client, **query))
        assert len([link for link in links(tree) if "compare/?c=" in link]) == 12
        assert "/companies/compare/?c=hidden" not in links(tree)


def test_four_fit_and_a_fifth_is_refused(client, firms):
    tree = parse(compare(client, *(firm.slug for firm in firms[:4])))
    assert len(list(next(tree.iter("thead")).iter("th"))) == 4
    assert not by_class(tree, "add")
    response = compare(client, *(firm.slug for firm in firms[:5]), status=400)
    assert "c: At most 4 companies stand side by side, and 5 are named." in words(main(response))
    assert not list(parse(response).iter("table"))


def test_company_named_twice_is_refused(client, firms):
    assert "c: A company is named twice." in words(main(compare(client, "firm-1", "firm-1", status=400)))


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn", None])
def test_company_that_is_not_there_is_named(client, firms, state):
    if state:
        build(Company, "gone", name="Secret", state=state)
    response = compare(client, "firm-1", "gone", status=404)
    assert "c: There is no company “gone” here." in words(main(response))
    assert "Secret" not in response.content.decode()


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_parameters_are_answered(client, firms, query):
    query = query.encode(errors="surrogatepass")
    is_too_long = len(quote(query)) > LONGEST_ADDRESS
    response = client.get("/companies/compare/", {"c": query})
    assert response.status_code == (400 if is_too_long else 404 if query.strip() else 200)
    parse(response)
    response = client.get("/companies/compare/", {"c": "firm-1", "q": query, "x": query})
    assert response.status_code == (400 if len(query.decode(errors="replace")) > 200 else 200)
    parse(response)


def test_unknown_parameter_is_named(client, firms):
    assert "We ignored: colour." in words(main(compare(client, "firm-1", "firm-2", colour="red")))


def test_compare_is_no_slug_of_a_company():
    with pytest.raises(ValidationError, match="taken by the comparison"):
        Company(slug="compare", name="Compare").clean()


def test_company_and_hub_pages_lead_to_comparisons(client, firms):
    hub = build(Hub)
    assert "/companies/compare/?c=firm-1" in links(parse(client.get("/companies/firm-1/")))
    assert "/compare/" in links(parse(client.get(hub.get_absolute_url())))


@pytest.mark.parametrize("path", ["/compare/", "/companies/compare/?c=company-0&c=company-1", "/compare.csv"])
def test_queries_stay_flat(client, path):
    counts = []
    for number in (3, 30):
        for model in (Company, Hub):
            model.objects.all().delete()
        add(number)
        with CaptureQueriesContext(connection) as captured:
            client.get(path).getvalue()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def add(number):
    hubs = [build(Hub, f"peer-{n}") for n in range(number)]
    firms = [build(Company, f"company-{n}") for n in range(number)]
    for n in range(number):
        measure(hubs[: 3 + n], range(1, 4 + n), f"key-{n}")
        for firm in firms[:2]:
            build_statement(firm, key=f"key-{n}", text=f"{n}")


def test_whole_site_compares(client):
    populate(4)
    reindex()
    for path in ("/compare/", "/companies/compare/", "/companies/compare/?c=company-0&c=company-1"):
        parse(client.get(path))
