"""Lists inside pages of other sites."""

import pytest
from django.urls import reverse

from ecosystem.models import Company
from tests.builders import build, populate
from tests.pages import EMBEDDED, PLAIN, address, by_class, links, parse, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_lists_may_be_framed_and_link_back(client, name):
    populate(1)
    response = client.get(reverse(name))
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert response["X-Robots-Tag"] == "noindex"
    page = f"http://testserver{address(name.removesuffix('-embed'))}"
    assert "Hangzhou, with sources" in links(parse(response))[page]


@pytest.mark.parametrize(
    "path", ["/companies/", "/companies/company-0/", "/companies.json", "/data/none.zip"]
)
def test_other_pages_refuse_to_be_framed(client, path):
    populate(1)
    assert client.get(path)["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", PLAIN)
def test_pages_without_records_refuse_to_be_framed(client, name):
    assert client.get(reverse(name))["X-Frame-Options"] == "DENY"


def test_embedded_list_shows_what_the_list_shows(client):
    for n in range(30):
        build(Company, f"firm-{n:02}", ownership="public" if n % 15 else "private")
    tree = parse(client.get("/embed/companies/?ownership=public"))
    assert words(tree.find(".//h2")) == "28 companies: Public"
    assert len(by_class(tree, "card")) == 24
    assert links(tree)["http://testserver/companies/?ownership=public"]
    assert "See all 28" in words(tree)


def test_embedded_list_with_a_bad_filter_says_so(client):
    response = client.get("/embed/companies/?ownership=nobody")
    assert response.status_code == 400
    assert "ownership" in words(parse(response))
