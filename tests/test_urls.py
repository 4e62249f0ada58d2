"""Every public address: it answers, its HTML has no fault, and nothing comes along that nobody asked for."""

import json
import re
from collections import defaultdict
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from ecosystem.models import Company
from tests.builders import build, populate
from tests.pages import DETAILED, EMBEDDED, LISTED, LISTS, MACHINES, PLAIN, address, links, parse

pytestmark = pytest.mark.django_db

HTML = "text/html; charset=utf-8"
STARTS = {
    "json": "application/json",
    "csv": "text/csv",
    "statements.csv": "text/csv",
    "atom": "application/atom+xml",
}
# What a page refers to, as (element, attribute).
REFERENCES = [("label", "for"), ("section", "aria-labelledby"), ("input", "aria-describedby")]


def key_of(row):
    return getattr(row, row.natural_key_field)


def pages(rows):
    """The address of every page of a site: plain ones, lists, embedded lists, and one a record."""
    found = [reverse(name) for name in (*PLAIN, *EMBEDDED)] + [address(noun) for noun in LISTED]
    return found + [row.get_absolute_url() for noun in DETAILED for row in rows[noun]]


def errors(rows):
    """Addresses that answer with an error page, and its status."""
    return {
        "/companies/?founded_from=soon&sector=no-such&q=%00": 400,
        "/no/such/page/": 404,
        "/companies/no-such/": 404,
        "/companies/?page=99": 404,
        "/companies/gone/": 410,
    }


def check(tree, path):
    """What html5lib does not look at: ids are single, what refers to one finds it, no heading is skipped."""
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"{path}: an id is there twice"
    wanted = {element.get(name) for tag, name in REFERENCES for element in tree.iter(tag)} - {None}
    wanted |= {href[1:] for href in links(tree) if href and href.startswith("#")}
    assert wanted <= set(ids), path
    headings = [element.tag for element in tree.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    assert headings.count("h1") == 1, path
    assert all(int(below[1]) - int(above[1]) <= 1 for above, below in pairwise(headings)), (path, headings)


def test_every_page_is_html_without_fault(client):
    """html5lib's strict parser stops at the first parse error."""
    rows = populate(3)
    titles = defaultdict(list)
    for path in pages(rows):
        response = client.get(path)
        assert (response.status_code, response["Content-Type"]) == (200, HTML), path
        tree = parse(response)
        check(tree, path)
        titles[next(tree.iter("title")).text].append(path)
    shared = {title: paths for title, paths in titles.items() if len(paths) > 1}
    assert shared == {}


def test_every_error_page_is_html_without_fault(client):
    rows = populate(2)
    build(Company, "gone", state="withdrawn")
    for path, status in errors(rows).items():
        response = client.get(path, follow=True)
        assert (response.status_code, response["Content-Type"]) == (status, HTML), path
        check(parse(response), path)


def test_empty_site_answers_everywhere(client):
    """Before the first record is entered, and with nobody's statements to show."""
    for path in [*map(reverse, PLAIN), *(address(*view) for view in LISTS)]:
        response = client.get(path)
        assert response.status_code == 200, path
        if response["Content-Type"] == HTML:
            check(parse(response), path)


@pytest.mark.parametrize(("noun", "suffix"), LISTS)
def test_list_answers_in_its_format(client, noun, suffix):
    populate(2)
    response = client.get(address(noun, suffix))
    content = response.getvalue().decode()
    assert response.status_code == 200
    assert response["Content-Type"].startswith(STARTS[suffix] if suffix else "text/html")
    if suffix == "json":
        assert json.loads(content)["total"] == 2
    if suffix == "atom":
        assert len(ElementTree.fromstring(content)) > 2  # noqa: S314 -- our own output


def test_every_record_answers_as_json(client):
    rows = populate(3)
    for noun in DETAILED:
        for row in rows[noun]:
            response = client.get(reverse(f"{noun}-json", args=[key_of(row)]))
            assert response.status_code == 200
            assert response["Content-Type"] == "application/json"
            assert response.json()["url"] == f"http://testserver{row.get_absolute_url()}"


def every_address():
    rows = populate(2)
    build(Company, "gone", state="withdrawn")
    found = [*pages(rows), *errors(rows), *map(reverse, MACHINES), *(address(*view) for view in LISTS)]
    return found + [reverse(f"{noun}-json", args=[key_of(rows[noun][0])]) for noun in DETAILED]


def test_nothing_comes_along(client):
    """No cookie; no answer that depends on one; and no Host header, which proves nothing, in any text."""
    for path in every_address():
        response = client.get(path, headers={"host": "localhost"})
        assert not response.cookies, path
        assert "Cookie" not in response.get("Vary", ""), path
        if not response["Content-Type"].startswith("image"):
            assert "localhost" not in response.getvalue().decode(), path


def test_other_methods_than_reading(client):
    """As a stranger sends them, without a token."""
    stranger = Client(enforce_csrf_checks=True)
    for path in every_address():
        head = client.head(path)
        assert head.getvalue() == b"", path
        if head.status_code == 200:
            response = stranger.post(path)
            assert response.status_code == 405, path
            assert set(response["Allow"].split(", ")) <= {"GET", "HEAD", "OPTIONS"}, path


@pytest.mark.parametrize(("noun", "suffix"), LISTS)
def test_head_answers_like_get(client, noun, suffix):
    head, get = (method(address(noun, suffix)) for method in (client.head, client.get))
    assert (head.status_code, head["Content-Type"]) == (get.status_code, get["Content-Type"])


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_writing_is_not_allowed(method):
    for path in ("/", "/companies/", "/companies.json", "/sectors/"):
        assert getattr(Client(enforce_csrf_checks=True), method)(path).status_code == 405


def test_addresses_without_their_slash_redirect(client):
    assert client.get("/companies")["Location"] == "/companies/"


def test_slug_is_never_mistaken_for_a_format(client):
    build(Company, "json")
    assert client.get("/companies/json/").status_code == 200
    assert client.get("/companies/json.json").json()["slug"] == "json"
