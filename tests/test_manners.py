"""What answers owe to caches, proxies and programs."""

import gc
import os
import tracemalloc

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date

from ecosystem import renderers, results
from ecosystem.models import Company, Statement
from tests.builders import build, populate

pytestmark = pytest.mark.django_db
PATHS = [
    "/",
    "/data/",
    "/companies/",
    "/companies/company-0/",
    "/companies.json",
    "/companies.csv",
    "/companies.statements.csv",
    "/companies.atom",
    "/companies/company-0.json",
    "/sources/source-0.json",
    "/api/openapi.json",
]
LISTS = [path for path in PATHS if "." in path and "compan" in path and "/company-0" not in path]


@pytest.fixture
def site(django_capture_on_commit_callbacks):
    """A small site whose changes are logged, and a function that changes it."""
    with django_capture_on_commit_callbacks(execute=True):
        populate(1)

    def change():
        with django_capture_on_commit_callbacks(execute=True):
            company = Company.objects.get(slug="company-0")
            company.legal_name = "Changed"
            company.save()

    return change


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_page_is_answered_with_304(client, site, path):
    first = client.get(path)
    assert first["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.getvalue() if again.streaming else again.content) == (304, b"")


@pytest.mark.parametrize("path", LISTS)
def test_changed_data_are_sent_anew(client, site, path):
    tag = client.get(path)["ETag"]
    site()
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "path", [*LISTS, "/companies/", "/companies/company-0/", "/companies/company-0.json"]
)
def test_last_modified_is_the_date_of_the_data(client, site, path):
    date = client.get(path)["Last-Modified"]
    assert client.get(path, headers={"If-Modified-Since": date}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": http_date(0)}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_head_has_the_headers_of_get_and_no_body(client, site, path):
    head, get = client.head(path), client.get(path)
    assert head.status_code == 200
    assert not (b"".join(head) if head.streaming else head.content)
    for name in ("Content-Type", "Cache-Control", "Last-Modified", "Link", "ETag"):
        assert head.get(name) == get.get(name)


def test_head_of_a_stream_reads_no_rows(client, site, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        b"".join(client.head("/companies.csv"))


@pytest.mark.parametrize("path", PATHS)
def test_scripts_of_other_sites_may_read_data_alone(client, site, path):
    response = client.get(path)
    assert response.get("Access-Control-Allow-Origin") == ("*" if "." in path else None)
    assert response.get("Access-Control-Expose-Headers") == ("ETag, Link" if "." in path else None)


def test_errors_may_be_read_by_scripts_too(client):
    assert client.get("/companies.json?colour=red")["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", PATHS)
def test_writing_is_refused_as_a_method(path, site):
    # With the check for a token on, which must not be the answer to a program.
    client = Client(enforce_csrf_checks=True)
    if "." in path or "compan" in path:
        assert client.post(path).status_code == 405


def test_pages_and_data_point_to_each_other(client, site):
    links = client.get("/companies/?q=a")["Link"]
    assert '<http://testserver/companies.csv?q=a>; rel="alternate"; type="text/csv"' in links
    assert client.get("/companies.csv")["Link"].startswith(
        '<http://testserver/companies/>; rel="alternate"; type="text/html"'
    )
    assert client.get("/companies/company-0/")["Link"].startswith(
        "<http://testserver/companies/company-0.json>"
    )
    assert client.get("/companies/company-0.json")["Link"].startswith(
        "<http://testserver/companies/company-0/>"
    )


def test_a_long_query_makes_no_header_that_proxies_refuse(client, site):
    response = client.get("/companies.json?q=" + "字" * 200)
    assert response.status_code == 200
    assert sum(len(name) + len(value) for name, value in response.items()) < 3000


def test_the_admin_is_not_kept(admin_client):
    assert "no-store" in admin_client.get("/admin/")["Cache-Control"]


def held(client, path):
    """The most memory that a reader of a stream sees taken between two pieces, and the number of lines."""
    tracemalloc.start()
    most = lines = 0
    for piece in client.get(path):
        lines += piece.count(b"\n")
        # Rows and their managers refer to each other: what counts is what the collector may not free.
        gc.collect()
        most = max(most, tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return most, lines


def add_firms(start, end):
    published = {"state": "published", "published_at": build(Company).published_at}
    firms = [
        Company(slug=f"firm-{n}", name=f"Firm {n}", hub_link="office", **published) for n in range(start, end)
    ]
    Statement.objects.bulk_create(
        Statement(reference=f"s-{firm.slug}", company=firm, label="Founded", text="2016")
        for firm in Company.objects.bulk_create(firms)
    )


@pytest.mark.parametrize("path", ["/companies.csv", "/companies.statements.csv"])
def test_csv_is_sent_while_rows_are_read_a_chunk_at_a_time(client, monkeypatch, path):
    monkeypatch.setattr(results, "CHUNK", 10)
    monkeypatch.setattr(renderers, "CHUNK", 5)
    add_firms(0, 29)

    def chunks():
        return sum('FROM "ecosystem_statement"' in query["sql"] for query in queries)

    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
        stream = iter(response)
        assert next(stream).startswith(b"\xef\xbb\xbf")
        assert chunks() == 0
        next(stream)
        assert chunks() == 1
        rest = b"".join(stream)
    assert chunks() == 3
    assert b"firm-28" in rest


@pytest.mark.parametrize("path", ["/companies.csv", "/companies.statements.csv"])
def test_csv_of_ten_times_the_rows_holds_only_their_keys_more(client, monkeypatch, path):
    """CSV_ROWS=10000 runs it at full size, where ten times is from 1,000 to 10,000."""
    rows = int(os.environ.get("CSV_ROWS", "400"))
    monkeypatch.setattr(renderers, "CHUNK", rows // 20)
    monkeypatch.setattr(results, "CHUNK", rows // 20)
    add_firms(0, rows // 10)
    client.get(path).getvalue()
    few, short = held(client, path)
    add_firms(rows // 10, rows)
    many, long = held(client, path)
    assert short > rows // 10
    assert long > rows
    # Of a row of the whole view only its key is held, some 50 bytes, and never the row, over 2,000.
    assert many - few < 200 * (rows - rows // 10)
