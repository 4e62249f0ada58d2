"""What search engines are told: published pages, under the site's own name, and no combination of filters."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from ecosystem.models import RECORDS, Change, Company, Sector
from ecosystem.sitemaps import PageSitemap
from tests.builders import build, build_source, build_statement, populate
from tests.pages import DETAILED

pytestmark = pytest.mark.django_db

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def read(client, **headers):
    """{address: date of the last change, or None}."""
    response = client.get("/sitemap.xml", headers=headers)
    assert response["Content-Type"] == "application/xml"
    rows = ElementTree.fromstring(response.content)  # noqa: S314 -- our own output
    return {row.findtext(f"{SPACE}loc"): row.findtext(f"{SPACE}lastmod") for row in rows}


def test_sitemap_lists_every_public_page(client):
    rows = populate(2)
    expected = {row.get_absolute_url() for noun in DETAILED for row in rows[noun]}
    expected |= {reverse(name) for name in PageSitemap.names}
    assert set(read(client)) == {f"http://testserver{path}" for path in expected}


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_sitemap_lists_only_what_is_published(client, state):
    before = set(read(client))
    for model in RECORDS:
        build_statement(build(model, state=state), sources=[build_source()])
    assert set(read(client)) == before


def test_sitemap_answers_at_each_of_its_addresses(client):
    populate(2)
    for location in read(client):
        assert client.get(location.removeprefix("http://testserver")).status_code == 200, location


def test_sitemap_does_not_repeat_the_host_header(client):
    build(Company)
    assert all(location.startswith("http://testserver/") for location in read(client, host="localhost"))


def test_sitemap_dates_pages_by_their_last_change_that_readers_saw(client):
    rows = [build(Company, "one"), build(Sector, "one"), build_source("one")]
    build(Company, "two").sources.add(rows[-1])
    for row in rows:
        kind = {"kind": row._meta.model_name, "object_id": row.pk, "slug": "one", "action": "changed"}
        for day in (datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)):
            Change.objects.create(**kind, at=day, published_at=day)
        Change.objects.create(**kind, at=datetime(2025, 1, 1, tzinfo=UTC), published_at=None)
    dated = read(client)
    for path in ("companies", "sectors", "sources"):
        assert dated[f"http://testserver/{path}/one/"] == "2024-05-01"
    assert dated["http://testserver/companies/two/"] is None


def test_every_plain_page_and_list_is_in_the_sitemap():
    missing = {f"{model._meta.model_name}-list" for model in RECORDS} - set(PageSitemap.names)
    assert missing == set()


def test_robots_keeps_crawlers_out_of_queries(client):
    response = client.get("/robots.txt", headers={"host": "localhost"})
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /*?", "Sitemap: http://testserver/sitemap.xml"} <= set(lines)
