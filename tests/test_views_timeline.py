import csv
from datetime import timedelta

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ecosystem.models import Breakthrough, Challenge, Company, Sector
from tests.builders import build
from tests.test_dated import happenings, outsiders, tell

pytestmark = pytest.mark.django_db


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def rows(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.getvalue()
    return list(csv.reader(response.getvalue().decode("utf-8-sig").splitlines()))[1:]


def test_timeline_groups_by_year_and_says_its_order(client):
    happenings()
    page = read(client, "/timeline/")
    assert [page.index(f'id="year-{year}"') for year in (2016, 2013, 2010)] == sorted(
        page.index(f'id="year-{year}"') for year in (2010, 2013, 2016)
    )
    assert "Newest first." in page
    assert "Oldest first." in read(client, "/timeline/?sort=date")


def test_timeline_shows_evidence_and_leads_to_the_record(client):
    challenge = build(Challenge, "hurdle")
    statement = tell(challenge, "update", "2015-03", status="disputed")
    page = read(client, "/timeline/")
    assert f'href="/challenges/hurdle/#{statement.reference}"' in page
    assert "March 2015" in page
    assert "Disputed" in page
    assert "1 source<" in page


def test_timeline_says_what_is_not_on_it(client):
    happenings()
    outsiders()
    page = read(client, "/timeline/")
    assert "8 undated" in page
    assert "4 about firms that are only linked" in page


def test_timeline_hides_what_is_not_public(client):
    firm = build(Company, "firm", founded="2001")
    tell(firm, "event", "2002", draft=True, label="Held back")
    for state in ("draft", "review", "withdrawn"):
        secret = build(Company, f"secret-{state}", founded="2003", state=state)
        tell(secret, "event", "2003", label="Secret event")
        build(Breakthrough, f"secret-feat-{state}", date="2003", state=state)
    build(Breakthrough, "secret-later", date="2003", published_at=timezone.now() + timedelta(days=1))
    shown = build(Breakthrough, "feat", date="2004")
    shown.companies.set(Company.objects.all())
    for address in ("/timeline/", "/timeline.json"):
        text = read(client, address).lower()
        assert "firm" in text
        assert "secret" not in text
        assert "held back" not in text
    assert {row[0] for row in rows(client, "/timeline.csv")} == {"2001", "2004"}
    assert [row[1] for row in rows(client, "/timeline/charts/years.csv")] == ["1", "0", "0", "1"]


def test_timeline_files_hold_what_the_page_counts(client):
    happenings()
    query = "?sector=robotics"
    assert "5 entries" in read(client, f"/timeline/{query}")
    assert len(rows(client, f"/timeline.csv{query}")) == 5
    data = client.get(f"/timeline.json{query}").json()
    assert data["total"] == len(data["records"]) == 5
    assert data["records"][-1]["title"] == "Firm founded"
    assert sum(int(row[1]) for row in rows(client, f"/timeline/charts/years.csv{query}")) == 5


@pytest.mark.parametrize(
    "query", ["kind=no", "sector=no", "year_from=x", "year_to=99999", "sort=name", "page=0"]
)
def test_timeline_refuses_what_is_not_valid(client, query):
    assert client.get(f"/timeline/?{query}").status_code == 400
    response = client.get(f"/timeline.json?{query}")
    assert response.status_code == 400
    assert query.split("=")[0] in response.json()["detail"]


def test_timeline_names_parameters_that_it_does_not_have(client):
    assert "We ignored: q." in read(client, "/timeline/?q=robot")
    assert client.get("/timeline.csv?colour=red").status_code == 400
    assert client.get("/timeline.csv?page=1").status_code == 400
    assert client.get("/timeline.atom").status_code == 404


def test_timeline_past_the_last_page(client):
    assert client.get("/timeline/?page=2").status_code == 404


def test_timeline_of_nothing_names_the_filter_to_drop(client):
    happenings()
    assert "Nothing matches all of these filters." in read(client, "/timeline/?year_from=2030")


def queries(client, address):
    """How many queries a page makes beside those for the version of the data, which every page names."""
    with CaptureQueriesContext(connection) as captured:
        page = read(client, address)
    return sum("ecosystem_change" not in query["sql"] for query in captured), page


def test_timeline_asks_the_same_number_of_queries_for_more(client):
    happenings()
    read(client, "/timeline/")
    few, _ = queries(client, "/timeline/")
    for n in range(12):
        firm = build(Company, founded="2017", many={"sectors": [build(Sector)]})
        tell(firm, "event", "2017")
        build(Breakthrough, date="2017", many={"companies": [firm]})
        tell(build(Challenge), "update", f"2018-{n + 1:02}")
    many, page = queries(client, "/timeline/")
    assert page.count("<h4>") == 50
    assert many == few <= 13
    assert len(page) < 150_000


def test_timeline_is_strict_html(client):
    happenings()
    html5lib.HTMLParser(strict=True).parse(read(client, "/timeline/"))
