"""What search engines are told: published pages, under the site's own name, and no combination of filters."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from ecosystem.models import RECORDS, Change, Company, Sector
from ecosystem.sitemaps import PageSitemap, SiteSitemap
from tests.builders import build, build_source, build_statement, populate
from tests.pages import DETAILED

pytestmark = pytest.mark.django_db

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def rows_of(client, path, **headers):
    """(address, date of the last change or None) of each row of a map, or of their index."""
    response = client.get(path, headers=headers)
    assert response["Content-Type"] == "application/xml"
    rows = ElementTree.fromstring(response.content)  # noqa: S314 -- our own output
    return [(row.findtext(f"{SPACE}loc"), row.findtext(f"{SPACE}lastmod")) for row in rows]


def maps(client, **headers):
    return [location for location, _ in rows_of(client, "/sitemap.xml", **headers)]


def read(client, **headers):
    """{address: date of the last change, or None} of all maps."""
    paths = [location.removeprefix("http://testserver") for location in maps(client, **headers)]
    return dict(row for path in paths for row in rows_of(client, path, **headers))


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
    locations = [*maps(client, host="localhost"), *read(client, host="localhost")]
    assert all(location.startswith("http://testserver/") for location in locations)


def test_sitemap_of_many_rows_comes_in_parts(client, monkeypatch):
    monkeypatch.setattr(SiteSitemap, "limit", 2)
    rows = [build(Company, f"c{n}") for n in range(5)]
    parts = [path for path in maps(client) if "/sitemap/company-" in path]
    assert parts == [f"http://testserver/sitemap/company-{page}.xml" for page in (1, 2, 3)]
    assert {f"http://testserver{row.get_absolute_url()}" for row in rows} <= set(read(client))


@pytest.mark.parametrize("part", ["company-2", "company-0", "user-1"])
def test_part_of_the_sitemap_that_is_not_there(client, part):
    assert client.get(f"/sitemap/{part}.xml").status_code == 404


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
