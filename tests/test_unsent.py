"""Nothing typed in the admin is lost: not with the session, not with the record, not with the right to it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import Company
from ecosystem.roles import AUTHOR, CHIEF_EDITOR
from tests.admin_pages import address, change_page, controls, filled, words
from tests.builders import build, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
OURS = {"Origin": "http://testserver"}


@pytest.fixture
def company():
    company = build(Company, "unitree", name="Unitree", state="draft", published_at=None)
    build_statement(company, [build_source()], text="About 500.")
    return company


def log_in(role=AUTHOR, **options):
    client = Client(**options)
    client.force_login(build_user(role))
    return client


def test_form_whose_session_ended_is_sent_again(company):
    client = log_in()
    form = filled(
        client, change_page(company), summary="Makes robots.\nAnd <b>dogs</b>.", row0_text="About 600."
    )
    client.logout()
    page = client.post(change_page(company), form, headers=OURS)
    assert page.status_code == 403
    assert page["Cache-Control"] == "no-store, private"
    assert "You were logged out while you typed" in words(page)
    assert "Statement 1, text About 600." in words(page)
    assert "<b>" not in page.content.decode()
    client.force_login(build_user(AUTHOR))
    assert client.post(change_page(company), controls(page)).status_code == 302
    company.refresh_from_db()
    assert company.summary == "Makes robots. And <b>dogs</b>."
    assert company.statements.get().text == "About 600."


def test_form_with_the_token_of_another_session_is_sent_again(company):
    client = log_in(enforce_csrf_checks=True)
    form = filled(client, change_page(company), name="Typed")
    form["csrfmiddlewaretoken"] = "x" * 64
    page = client.post(change_page(company), form, headers=OURS)
    assert page.status_code == 403
    assert "logged in or out since" in words(page)
    assert client.post(change_page(company), controls(page)).status_code == 302
    assert Company.objects.get().name == "Typed"


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_form_of_another_site_is_not_offered_again(company, headers):
    stranger, editor = Client(), log_in(enforce_csrf_checks=True)
    form = {"name": "Forged"}
    response = stranger.post(change_page(company), form, headers=headers)
    assert (response.status_code, "Forged" in response.content.decode()) == (302, False)
    response = editor.post(change_page(company), form, headers=headers)
    assert (response.status_code, "Forged" in response.content.decode()) == (403, False)


def test_file_has_to_be_chosen_again(company, tmp_path):
    file = tmp_path / "firms.csv"
    file.write_text("slug,name\na,A\n")
    with file.open() as sent:
        data = {"reason": "From the register.", "import_file": sent}
        page = Client().post(address(Company, "import"), data, headers=OURS)
    assert "Choose firms.csv again" in words(page)
    again = controls(page)
    assert again["reason"] == "From the register."
    chief = log_in(CHIEF_EDITOR)
    with file.open() as sent:
        page = chief.post(address(Company, "import"), again | {"import_file": sent})
    assert "1 new, 0 changed" in words(page)


@pytest.mark.parametrize("name", ["login", "password_change"])
def test_password_is_never_sent_back(name):
    data = {"username": "a", "password": "not to be seen", "old_password": "not to be seen"}
    response = Client().post(reverse(f"admin:{name}"), data, headers=OURS)
    assert response.status_code == 302
    assert "not to be seen" not in response.content.decode()


def test_form_of_a_record_published_meanwhile_shows_what_was_typed(company):
    client = log_in()
    form = filled(client, change_page(company), summary="Makes robots.")
    company.state, company.published_at = "published", timezone.now()
    company.save()
    response = client.post(change_page(company), form)
    assert response.status_code == 403
    assert "readers see it by now, or a colleague moved it on" in words(response)
    assert "Summary Makes robots." in words(response)
    assert "Send again" not in response.content.decode()


def test_form_of_a_record_deleted_meanwhile_shows_what_was_typed(company):
    client = log_in()
    form, url = filled(client, change_page(company), summary="Makes robots."), change_page(company)
    company.delete()
    response = client.post(url, form)
    assert response.status_code == 410
    assert "Summary Makes robots." in words(response)
    assert f'href="{address(Company, "history", 1)[:-10]}' in response.content.decode()
