"""The page about the data, its examples, the OpenAPI description, downloads, and citations."""

import re

import pytest
from django.urls import get_resolver

from ecosystem import dataset, openapi
from ecosystem.models import RECORDS, Change, Company, Sector
from ecosystem.views.data import EXAMPLES, LISTS
from tests.builders import build, populate
from tests.pages import address, links, parse, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(settings, tmp_path):
    settings.DATASET_DIR = tmp_path
    return tmp_path


def test_data_page_runs_every_example(client):
    populate(2)
    shown = [href for href in links(parse(client.get("/data/"))) if "?" in href and "embed" not in href]
    assert len(shown) == len(EXAMPLES)
    for href in shown:
        assert client.get(href).status_code == 200, href


def test_data_page_names_every_parameter_and_field(client):
    populate(1)
    page = client.get("/data/").content.decode()
    for view in LISTS:
        asked = view.filterset_class.base_filters.keys() - {*view.filterset_class.PAGE_ONLY}
        for name in (*asked, *(column.name for column in view.columns)):
            assert f"<code>{name}</code>" in page


def test_data_page_without_an_export_says_so(client, directory):
    page = client.get("/data/").content.decode()
    assert "have not been made" in page
    assert "SHA-256" not in page


def test_data_page_links_the_files_with_version_and_checksum(client, directory):
    populate(1)
    manifest = dataset.export(directory)
    tree = parse(client.get("/data/"))
    for file in manifest["files"]:
        assert f"/data/{file['name']}" in links(tree)
        assert file["sha256"] in words(tree)
    assert f"Both hold data version {manifest['data_version']}" in words(tree)


@pytest.mark.parametrize(
    ("name", "media_type", "start"),
    [
        ("dataset.zip", "application/zip", b"PK"),
        ("dataset.sqlite", "application/vnd.sqlite3", b"SQLite format 3"),
        ("dataset.json", "application/json", b"{"),
    ],
)
def test_downloads_have_the_right_type(client, directory, name, media_type, start):
    dataset.export(directory)
    response = client.get(f"/data/{name}")
    assert response["Content-Type"] == media_type
    assert response.getvalue().startswith(start)


def test_downloads_are_fetched_once(client, directory):
    dataset.export(directory)
    first = client.get("/data/dataset.zip")
    first.close()
    assert client.get("/data/dataset.zip", headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", ["dataset.zip", "..%2F..%2Fetc%2Fpasswd", "other.txt", ".env"])
def test_downloads_that_no_export_made_are_404(client, directory, name):
    (directory / "other.txt").write_text("secret")
    assert client.get(f"/data/{name}").status_code == 404


def test_openapi_describes_every_address_of_data(client):
    populate(1)
    described = set(client.get("/api/openapi.json").json()["paths"])
    routes = {str(pattern.pattern) for pattern in get_resolver("ecosystem.urls").url_patterns}
    lists = {route.partition(".")[0] for route in routes if route.endswith("<suffix:suffix>")}
    assert {path.partition(".")[0].strip("/") for path in described if "{" not in path} == {
        *lists,
        "search",
        "compare",
    }
    records = {route.partition("/")[0] for route in routes if route.endswith("<slug:slug>.json")}
    assert {path.split("/")[1] for path in described if "{" in path} == records


def test_openapi_does_not_list_very_many_values(client, monkeypatch):
    build(Sector, "ai")

    def values():
        parameters = client.get("/api/openapi.json").json()["paths"]["/companies.json"]["get"]["parameters"]
        [schema] = [each["schema"] for each in parameters if each["name"] == "sector"]
        return schema["items"].get("enum")

    assert values() == ["", "ai"]
    monkeypatch.setattr(openapi, "MOST_OFFERED", 0)
    assert values() is None


def test_openapi_refers_to_nothing_that_is_missing(client):
    text = client.get("/api/openapi.json").content.decode()
    names = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert names <= set(client.get("/api/openapi.json").json()["components"]["schemas"])
    ids = re.findall(r'"operationId": "([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", ["/companies/none.json", "/companies/no one.json", "/nothing/at/all.csv"])
def test_data_that_is_not_there_is_a_problem_document(client, path):
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_json_of_a_record_links_what_it_is_tied_to(client):
    populate(2)
    relations = client.get("/companies/company-0.json").json()["relations"]
    assert relations["breakthroughs"][0]["url"].startswith("http://testserver/breakthroughs/")
    assert relations["place"] == [
        {"slug": "place-0", "name": "Place 0", "url": "http://testserver/places/place-0/"}
    ]


def test_json_of_a_record_links_nothing_hidden(client):
    hidden = build(Company, "hidden", state="draft")
    build(Company, "child", parent=hidden)
    build(Company, "grandchild", parent=build(Company, "parent"), state="withdrawn")
    assert client.get("/companies/child.json").json()["relations"]["parent"] == []
    assert client.get("/companies/parent.json").json()["relations"]["subsidiaries"] == []


def test_lists_say_of_which_version_they_are(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        build(Company, "unitree")
    data = client.get("/companies.json").json()
    assert data["data_version"] == Change.objects.seen().count() > 0
    assert data["data_date"] == Change.objects.seen().first().published_at.isoformat()


def test_views_are_cited_with_filter_number_version_and_date(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        populate(2)
    text = words(parse(client.get("/companies/?sector=sector-0")))
    [change] = Change.objects.seen()[:1]
    assert "“2 companies: Sector 0”. Hangzhou, with sources, data version" in text
    assert "http://testserver/companies/?sector=sector-0" in text
    assert f"year = {{{change.published_at.year}}}" in text


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_records_are_cited_after_their_sources(client, model):
    build(model, "some-record", name="A & B_c")
    page = client.get(f"{address(model._meta.model_name)}some-record/").content.decode()
    assert "cite that source first" in page
    assert r"title = {A \&amp; B\_c}" in page


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [("version=x", 400, "version"), ("version=99", 404, "version"), ("colour=red", 400, "colour")],
)
def test_data_of_a_record_refuse_what_they_cannot_answer(client, query, status, parameter):
    build(Company, "unitree")
    response = client.get(f"/companies/unitree.json?{query}")
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    [error] = response.json()["errors"]
    assert error["parameter"] == parameter
    assert error["detail"] in response.json()["detail"]


def test_json_of_a_source_lists_all_that_rests_on_it(client):
    populate(2)
    source = client.get("/sources/source-0.json")
    resting = {row["url"].removeprefix("http://testserver") for row in source.json()["records"]}
    assert resting >= {"/companies/company-0/", "/hubs/hub-1/", "/places/place-0/"}
    assert resting <= links(parse(client.get("/sources/source-0/"))).keys()
    assert len(source.json()["statements"]) > 2
    assert source["Link"].startswith('<http://testserver/sources/source-0/>; rel="alternate"')
    assert client.get("/sources/source-0.json?kind=news").status_code == 400
