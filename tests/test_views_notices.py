"""Pages that a public site owes its readers, and the file for those who find a hole."""

from datetime import UTC, datetime

import pytest

from ecosystem.models import Correction
from ecosystem.views.notices import first_of_month
from tests.pages import links, parse, words

PATH = "/.well-known/security.txt"


@pytest.mark.parametrize("path", ["/accessibility/", "/privacy/"])
def test_notice_names_the_contact_and_every_page_links_to_it(client, settings, path):
    assert "have not given an address" in words(parse(client.get(path)))
    settings.SITE_CONTACT = "portal@hub.example.org"
    tree = parse(client.get(path))
    assert "portal@hub.example.org" in words(tree)
    assert path in links(parse(client.get("/no/such/page/")))


def test_privacy_names_the_days_after_which_contacts_go(client):
    assert f"deleted {Correction.CONTACT_DAYS} days after" in words(parse(client.get("/privacy/")))


def fields(response):
    return dict(line.split(": ", 1) for line in response.content.decode().splitlines())


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("portal@hub.example.org", "mailto:portal@hub.example.org"),
        ("https://hub.example.org/contact", "https://hub.example.org/contact"),
        ("mailto:portal@hub.example.org", "mailto:portal@hub.example.org"),
    ],
)
def test_security_txt_has_what_the_standard_asks_for(client, settings, contact, uri):
    settings.SITE_CONTACT = contact
    response = client.get(PATH)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    told = fields(response)
    assert told["Contact"] == uri
    assert told["Canonical"] == f"http://testserver{PATH}"
    expires = datetime.fromisoformat(told["Expires"])
    assert 150 < (expires - datetime.now(UTC)).days < 190


def test_security_txt_without_a_contact_is_not_there(client):
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("now", "expected"),
    [(datetime(2026, 1, 31, 12, tzinfo=UTC), (2026, 7)), (datetime(2026, 12, 1, tzinfo=UTC), (2027, 6))],
)
def test_first_of_month_passes_the_end_of_the_year(now, expected):
    assert first_of_month(now, 6) == datetime(*expected, 1, tzinfo=UTC)
