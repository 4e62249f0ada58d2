"""What browsers are told: by pages, data, files, redirects, refusals and failures alike."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from ecosystem.models import Company
from hubportal.headers import POLICY, policy
from tests.builders import build, populate
from tests.pages import EMBEDDED

pytestmark = pytest.mark.django_db
HEADERS = {
    "Content-Security-Policy": policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Of every kind of answer one, with its status.
ANSWERS = [
    ("/", 200),
    ("/companies/company-0/", 200),
    ("/healthz", 200),
    ("/robots.txt", 200),
    ("/sitemap.xml", 200),
    ("/static/ecosystem/site.css", 200),
    ("/static/none.css", 404),
    ("/companies", 301),
    ("/companies/?q=", 302),
    ("/companies/?sort=x", 400),
    ("/none/", 404),
    ("/companies/gone/", 410),
    ("/accounts/login/", 200),
    ("/admin/", 302),
]
OPEN = ["/companies.json", "/companies.csv", "/companies.atom", "/companies.json?sort=x", "/none.json"]


@pytest.fixture
def site(client):
    populate(1)
    build(Company, "gone", state="withdrawn")
    return client


def headers(response):
    response.close()
    return {name: response.get(name) for name in HEADERS}


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_kind_of_answer_has_the_headers(site, path, status):
    response = site.get(path)
    assert response.status_code == status
    assert headers(response) == HEADERS
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize("method", ["put", "post", "trace", "options"])
def test_refused_method_has_the_headers(site, method):
    response = getattr(site, method)("/")
    assert response.status_code == 405
    assert headers(response) == HEADERS


def test_refused_host_has_the_headers_and_a_page_of_ours(client):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert headers(response) == HEADERS
    assert "Start again from" in response.content.decode()
    assert "evil.example" not in response.content.decode()


def test_refused_form_has_the_headers_and_a_page_of_ours():
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"))
    assert response.status_code == 403
    assert headers(response) == HEADERS
    assert "The form was not accepted" in response.content.decode()


def test_refused_right_has_the_headers_and_a_page_of_ours(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("staff", is_staff=True))
    response = client.get(reverse("admin:ecosystem_company_add"))
    assert response.status_code == 403
    assert headers(response) == HEADERS
    assert "Your account has no right to it" in response.content.decode()


def test_failure_has_the_headers(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("ecosystem.views.pages.render", None)
    response = client.get("/about/")
    assert response.status_code == 500
    assert headers(response) == HEADERS


@pytest.mark.parametrize("path", OPEN)
def test_open_data_may_be_loaded_by_other_sites(site, path):
    response = site.get(path)
    assert headers(response) == {**HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", OPEN)
def test_script_of_another_site_may_ask_for_data_with_a_condition(client, path):
    asked = {"origin": "https://other.example", "access-control-request-method": "GET"}
    asked |= {"access-control-request-headers": "if-none-match"}
    response = client.options(path, headers=asked)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == response["Access-Control-Allow-Headers"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/companies/", "/admin/", "/accounts/login/", "/corrections/new/"])
def test_script_of_another_site_may_ask_for_nothing_else(client, path):
    asked = {"origin": "https://other.example", "access-control-request-method": "GET"}
    assert "Access-Control-Allow-Origin" not in client.options(path, headers=asked)


def test_share_images_may_be_shown_by_other_sites(client):
    assert client.get(reverse("share"))["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_lists_alone_may_be_framed(site, name):
    response = site.get(reverse(name))
    expected = {
        **HEADERS,
        "Content-Security-Policy": policy(frame_ancestors="*"),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Frame-Options": None,
    }
    assert headers(response) == expected


def test_policy_allows_nothing_unsafe_and_no_other_host():
    assert POLICY["default-src"] == POLICY["base-uri"] == POLICY["object-src"] == "'none'"
    assert set(" ".join(POLICY.values()).split()) == {"'none'", "'self'", "data:"}
    assert [name for name, value in POLICY.items() if "data:" in value] == ["img-src"]


def test_hsts_is_told_over_tls(client, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31536000, True
    # The middleware read its settings when it was made: a client of its own makes it anew.
    for path in ("/about/", "/none/", "/static/ecosystem/site.css"):
        response = Client().get(path, secure=True)
        response.close()
        assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("host", ["evil.example", "testserver:99"])
def test_redirect_to_tls_names_the_sites_own_host(settings, host):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "hub.example.org"
    response = Client().get("/companies/?q=a", headers={"host": host})
    assert (response.status_code, response["Location"]) == (301, "https://hub.example.org/companies/?q=a")


@pytest.mark.parametrize(
    "path", ["/", "/companies/", "/companies.json", "/companies.csv", "/companies.atom", "/sitemap.xml"]
)
def test_links_name_the_sites_own_host_and_port(site, path):
    text = site.get(path, headers={"host": "testserver:4444"}).getvalue().decode()
    assert "http://testserver/" in text
    assert "4444" not in text


def test_login_page_sets_the_one_cookie_of_its_form(client):
    cookies = client.get(reverse("account_login")).cookies
    assert list(cookies) == ["csrf"]
    assert (cookies["csrf"]["httponly"], cookies["csrf"]["samesite"]) == (True, "Lax")


def test_static_files_are_not_shared_with_other_origins(client):
    response = client.get("/static/ecosystem/site.css")
    response.close()
    assert "Access-Control-Allow-Origin" not in response
    assert re.fullmatch('text/css; charset="?utf-8"?', response["Content-Type"])
