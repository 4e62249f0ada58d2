"""What search engines are told: published pages, under the site's own name, and no combination of filters."""

from xml.etree import ElementTree

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from ecosystem.models import RECORDS, Company
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


def test_sitemap_dates_records_by_their_last_change(client):
    company = build(Company, "one")
    dated = read(client)["http://testserver/companies/one/"]
    assert dated == localtime(company.updated_at).date().isoformat()


def test_every_plain_page_and_list_is_in_the_sitemap():
    missing = {f"{model._meta.model_name}-list" for model in RECORDS} - set(PageSitemap.names)
    assert missing == set()


def test_robots_keeps_crawlers_out_of_queries(client):
    response = client.get("/robots.txt", headers={"host": "localhost"})
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /*?", "Sitemap: http://testserver/sitemap.xml"} <= set(lines)
