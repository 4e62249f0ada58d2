"""The admin's first page: queues that lead to the rows they count, for whoever's work they are."""

import pytest
from django.contrib import admin
from django.urls import reverse

from ecosystem.admin.desk import QueueFilter
from ecosystem.models import RECORDS, Company, Correction, Source, Statement
from ecosystem.queues import QUEUES, queues_of
from ecosystem.roles import AUTHOR, REVIEWER
from tests.admin_pages import count_queries, parts, words
from tests.builders import build, build_correction, build_source, build_statement, build_user, populate

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


@pytest.fixture
def reviewer(client):
    client.force_login(build_user(REVIEWER))
    return client


def fill():
    """Something in every queue but the scheduled one."""
    for model in RECORDS:
        build(model, state="review")
        idle = build(model, state="draft")
        model.objects.filter(pk=idle.pk).update(updated_at="2020-01-01T00:00Z")
    company = build(Company)
    build_statement(company, status="disputed")
    build_source(link_state="gone")
    build_correction(company, "open")


def numbers_on(response):
    """{address: number} of the links of the desk."""
    return {
        link.get("href"): int("".join(link.itertext()).split()[0])
        for link in parts(response, "a")
        if "?queue=" in link.get("href", "")
    }


def test_each_link_leads_to_the_rows_that_it_counts(reviewer):
    fill()
    found = numbers_on(reviewer.get(INDEX))
    assert {address.split("=")[1] for address in found} == {
        queue.name for queue in QUEUES if queue.name != "scheduled"
    }
    for address, number in found.items():
        assert reviewer.get(address).context["cl"].result_count == number > 0, address


def test_queues_of_others_are_not_shown(client):
    fill()
    client.force_login(build_user(AUTHOR))
    shown = {address.split("=")[1] for address in numbers_on(client.get(INDEX))}
    assert {"review", "corrections"}.isdisjoint(shown)
    assert "idle" in shown


def test_staff_without_a_role_sees_no_desk(client):
    client.force_login(build_user())
    page = words(client.get(INDEX))
    assert "What waits" not in page
    assert "How far it reaches" not in page


def test_empty_queues_say_so(reviewer):
    page = words(reviewer.get(INDEX))
    assert "In review 0 nothing" in page


def test_first_page_shows_coverage(reviewer):
    build_statement(build(Company), [build_source(origin="A"), build_source(origin="B")])
    page = words(reviewer.get(INDEX))
    assert "Statements resting on two original publishers: 100 %" in page
    assert "/coverage/" in {link.get("href") for link in parts(reviewer.get(INDEX), "a")}


def test_first_page_takes_few_queries_that_do_not_grow(reviewer):
    few = count_queries(reviewer, INDEX)
    populate(5)
    assert count_queries(reviewer, INDEX) == few <= 25


@pytest.mark.parametrize("model", [*RECORDS, Statement, Source, Correction])
def test_every_list_has_the_filter_of_its_queues(reviewer, model):
    assert QueueFilter in admin.site.get_model_admin(model).list_filter
    address = reverse(f"admin:ecosystem_{model._meta.model_name}_changelist")
    for queue in queues_of(model):
        response = reviewer.get(address, {"queue": queue.name})
        assert response.status_code == 200
        assert queue.label in words(response)


def test_queue_that_does_not_exist_is_no_filter(reviewer):
    address = reverse("admin:ecosystem_company_changelist")
    build(Company)
    assert reviewer.get(address, {"queue": "no-such"}).context["cl"].result_count == 1


def test_first_page_has_no_inline_code(reviewer):
    fill()
    response = reviewer.get(INDEX)
    assert not [element for element in parts(response, "style", "script") if not element.get("src")]
    assert not [element for element in parts(response, "div", "td", "tr", "p") if element.get("style")]
