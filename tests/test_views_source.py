"""A source and everything that rests on it."""

import pytest

from ecosystem.models import RECORDS, Company, Place
from tests.builders import build, build_source, build_statement
from tests.pages import links, parse, words

pytestmark = pytest.mark.django_db


def test_source_page_shows_the_document(client):
    source = build_source(
        "act",
        title="An act 法",
        publisher="Portal",
        origin="Ministry",
        published="2021-06",
        language="zh-Hans",
        kind="law",
        note="A mirror.",
        archive_url="https://archive.example.org/act",
    )
    build(Company).sources.set([source])
    tree = parse(client.get("/sources/act/"))
    text = words(tree.find("body"))
    assert words(next(tree.iter("h1"))) == "An act 法"
    for part in (
        "Publisher Portal",
        "Text of Ministry",
        "Published June 2021",
        "Language zh-Hans",
        "A mirror.",
    ):
        assert part in text
    assert {source.url, source.archive_url} <= links(tree).keys()
    assert all(
        link.get("rel") == "external noopener" for link in tree.iter("a") if link.get("href") == source.url
    )


def test_source_page_lists_all_that_rests_on_it(client):
    source = build_source("one")
    for model in RECORDS:
        record = build(model, f"by-{model._meta.model_name}")
        build_statement(record, [source], reference=f"said-by-{model._meta.model_name}")
        build(model, f"text-of-{model._meta.model_name}").sources.set([source])
    build(Place, "text-of-place").sources.set([source])
    found = links(parse(client.get("/sources/one/")))
    for model in RECORDS:
        noun = model._meta.model_name
        assert any(path.endswith(f"/by-{noun}/#said-by-{noun}") for path in found)
        assert any(path.endswith(f"/text-of-{noun}/") for path in found)
    assert "/places/text-of-place/" in found


def test_source_as_json_names_the_statements_that_rest_on_it(client):
    source = build_source("one", published="2020")
    build_statement(build(Company, "deep"), [source], reference="said")
    data = client.get("/sources/one.json").json()
    assert data.items() >= {"key": "one", "published": "2020", "source_url": source.url}.items()
    assert [(row["reference"], row["sources"]) for row in data["statements"]] == [("said", ["one"])]
    assert data["url"] == "http://testserver/sources/one/"


def test_source_that_nothing_cites_is_not_found(client):
    build_source("idle")
    for path in ("/sources/idle/", "/sources/idle.json"):
        assert client.get(path).status_code == 404
