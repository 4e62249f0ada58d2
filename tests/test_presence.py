"""Who opens a form reads which colleague has it open."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from ecosystem.models import Company, Opening, Sector
from ecosystem.roles import AUTHOR, CHIEF_EDITOR
from hubportal import content_log
from tests.admin_pages import change_page, controls, save, words
from tests.builders import build, build_correction, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
NOTICE = "opened this form at"


def log_in(name, role=CHIEF_EDITOR):
    client = Client()
    client.force_login(build_user(role, name))
    return client


@pytest.fixture
def ada():
    return log_in("ada")


@pytest.fixture
def bob():
    return log_in("bob")


ROWS = {
    "company": lambda: build(Company),
    "draft": lambda: build(Company, state="draft"),
    "sector": lambda: build(Sector),
    "source": build_source,
    "statement": lambda: build_statement(build(Company)),
    "correction": lambda: build_correction(build(Company), "open"),
}


@pytest.mark.parametrize("make", ROWS.values(), ids=ROWS)
def test_second_is_told_of_the_first_and_nobody_of_themselves(ada, bob, make):
    page = change_page(make())
    assert NOTICE not in words(ada.get(page))
    assert NOTICE not in words(ada.get(page))
    at = timezone.localtime(Opening.objects.get().at)
    assert f"ada {NOTICE} {at:%H:%M} and has not saved it since" in words(bob.get(page))
    assert f"bob {NOTICE}" in words(ada.get(page))
    assert Opening.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_form_opens_while_the_database_takes_no_writes(ada, caplog):
    page = change_page(build(Company, name="Unitree"))

    def locked(execute, sql, *arguments):
        if sql.startswith("INSERT"):
            raise OperationalError("database is locked")
        return execute(sql, *arguments)

    with connection.execute_wrapper(locked):
        response = ada.get(page)
    assert response.status_code == 200
    assert 'value="Unitree"' in response.content.decode()
    assert not Opening.objects.exists()
    assert "Cannot note who opened a form" in caplog.text


def test_other_rows_say_nothing(ada, bob):
    company, other = build(Company), build(Company)
    ada.get(change_page(company))
    assert NOTICE not in words(bob.get(change_page(other)))
    sector = build(Sector, pk=company.pk)
    assert NOTICE not in words(bob.get(change_page(sector)))


def test_save_ends_it_and_a_refusal_does_not(ada, bob):
    page = change_page(build(Company, state="draft"))
    assert save(ada, page, name="").status_code == 200
    assert f"ada {NOTICE}" in words(bob.get(page))
    assert save(ada, page, name="Better").status_code == 302
    assert NOTICE not in words(bob.get(page))
    assert f"bob {NOTICE}" in words(ada.get(page))


def test_conflict_tells_of_it_too(ada, bob):
    company = build(Company, state="draft")
    page = change_page(company)
    data = controls(ada.get(page))
    assert save(bob, page, summary="His.").status_code == 302
    bob.get(page)
    response = ada.post(page, data | {"summary": "Hers."})
    assert response.status_code == 409
    assert f"bob {NOTICE}" in words(response)


def test_who_may_only_look_is_neither_noted_nor_told(bob):
    company = build(Company)
    author = log_in("carl", AUTHOR)
    bob.get(change_page(company))
    assert NOTICE not in words(author.get(change_page(company)))
    assert [opening.user.username for opening in Opening.objects.all()] == ["bob"]


def test_opening_of_long_ago_is_not_told_and_deleted_in_the_night(ada, bob):
    page = change_page(build(Company))
    ada.get(page)
    Opening.objects.update(at=timezone.now() - Opening.LASTS - timedelta(seconds=1))
    assert NOTICE not in words(bob.get(page))
    call_command("clear_expired")
    assert [opening.user.username for opening in Opening.objects.all()] == ["bob"]


def test_opening_a_form_is_no_news_for_readers(ada, commit):
    page = change_page(build(Company))
    before = content_log.version()
    with commit():
        ada.get(page)
    assert content_log.version() == before
