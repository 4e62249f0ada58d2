"""Error pages say what happened, help on, and need less than the page that failed."""

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from ecosystem.models import RECORDS, Company
from ecosystem.views.errors import LAST_RESORT, server_error
from tests.builders import build
from tests.pages import links, parse, words


def fail(*args, **kwargs):
    raise AssertionError("an error page asked the database")


@pytest.mark.django_db
@pytest.mark.parametrize("model", RECORDS)
def test_withdrawn_record_says_why(client, model):
    noun = model._meta.model_name
    build(
        model, "gone", state="withdrawn", name="Old <i>name</i> 杭州", withdrawal_reason="A double of “new”."
    )
    page = client.get(reverse(f"{noun}-detail", args=["gone"]))
    assert page.status_code == 410
    assert "“Old <i>name</i> 杭州” was published here and is no longer." in words(parse(page).find("body"))
    assert "A double of “new”." in words(parse(page).find("body"))
    data = client.get(reverse(f"{noun}-json", args=["gone"]))
    assert (data.status_code, data["Content-Type"]) == (410, "application/problem+json")
    assert data.json()["detail"] == "This record was withdrawn. A double of “new”."


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/companies/none.json", "/sources/none.json"])
def test_missing_record_is_a_problem_in_json(client, path):
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json().keys() == {"type", "title", "status", "detail"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/none/", "/companies/none/", "/companies/gone/", "/companies/?sort=x"])
def test_error_page_helps_on_and_is_not_indexed(client, path):
    build(Company, "gone", state="withdrawn")
    tree = parse(client.get(path))
    assert "/" in links(tree)
    assert [meta.get("content") for meta in tree.iter("meta") if meta.get("name") == "robots"] == ["noindex"]


def test_page_not_found_needs_no_database(client, django_db_blocker):
    """Without the `db` fixture any query fails the test."""
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_refused_host_is_told_in_the_sites_name_or_as_data(client, settings):
    settings.SITE_NAME = "Portal of a test"
    page = client.get("/about/", headers={"host": "evil.example"})
    assert page.status_code == 400
    assert "Portal of a test" in words(parse(page).find("head/title"))
    data = client.get("/companies.json", headers={"host": "evil.example"})
    assert (data.status_code, data["Content-Type"]) == (400, "application/problem+json")


def test_form_that_cannot_be_read_is_no_fault_of_ours():
    """Whoever has a token sends a body in an encoding that no form has."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get(reverse("account_login"))
    for path in ("/", reverse("account_login")):
        response = client.post(path, b"a=1", content_type="application/x-www-form-urlencoded; charset=utf-16")
        assert response.status_code == 400
        assert "Something in it is not valid" in words(parse(response))


def test_server_error_page_needs_no_database(rf):
    response = server_error(rf.get("/companies/"))
    assert response.status_code == 500
    assert words(next(parse(response).iter("h1"))) == "Something broke on our side"


def test_server_error_page_needs_no_static_files(settings, tmp_path):
    """A release without `collectstatic`: the template itself fails, for want of the manifest."""
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = tmp_path
    response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert response.content.decode() == LAST_RESORT
    assert words(next(parse(response).iter("h1"))) == "Something broke on our side"


@pytest.mark.django_db
def test_failing_database_leads_to_the_error_page(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/companies/")
    assert response.status_code == 500
    assert words(next(parse(response).iter("h1"))) == "Something broke on our side"
