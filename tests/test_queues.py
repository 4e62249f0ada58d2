"""What each queue holds and what it leaves out, and whose work it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecosystem.models import RECORDS, Company, Correction, Source, Statement
from ecosystem.queues import QUEUES, counts, queues_of
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from tests.builders import build, build_correction, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
NOW, TODAY = timezone.now(), timezone.localdate()
QUEUE = {queue.name: queue for queue in QUEUES}


def held(name, model):
    """What a queue holds of a model, by permanent name or label."""
    field = {Statement: "label", Source: "key", Correction: "wrong"}.get(model, "slug")
    rows = model.objects.filter(QUEUE[name].condition(model))
    return sorted(rows.values_list(field, flat=True))


def age(row, days):
    """Let a row have been saved so many days ago, which `auto_now` would not."""
    type(row).objects.filter(pk=row.pk).update(updated_at=NOW - timedelta(days=days))


@pytest.mark.parametrize("model", RECORDS)
def test_records_wait_in_the_queue_of_their_state(model):
    for state in ("draft", "review", "published", "withdrawn"):
        build(model, state, state=state)
    build(model, "later", published_at=NOW + timedelta(days=1))
    build(model, "until-tomorrow", withdraw_at=NOW + timedelta(days=1), withdrawal_reason="It ends.")
    assert held("review", model) == ["review"]
    assert held("scheduled", model) == ["later", "until-tomorrow"]


def test_withdrawal_that_has_come_is_scheduled_no_more():
    build(Company, withdraw_at=NOW - timedelta(hours=1), withdrawal_reason="It ends.")
    assert held("scheduled", Company) == []


def test_idle_are_drafts_that_nobody_saved_for_thirty_days():
    for slug, state, days in [("old", "draft", 31), ("new", "draft", 29), ("out", "published", 99)]:
        age(build(Company, slug, state=state), days)
    assert held("idle", Company) == ["old"]


@pytest.mark.parametrize("model", [*RECORDS, Statement])
def test_unread_is_what_nobody_re_read_for_twelve_months(model):
    days = {"never": None, "long-ago": TODAY - timedelta(days=366), "lately": TODAY - timedelta(days=365)}
    company = build(Company, checked_on=TODAY)
    for name, day in days.items():
        if model is Statement:
            build_statement(company, label=name, checked_on=day)
            build_statement(company, label=f"draft-{name}", checked_on=day, draft=True)
        else:
            build(model, name, checked_on=day)
            build(model, f"draft-{name}", checked_on=day, state="draft")
    assert held("unread", model) == ["long-ago", "never"]


def test_disputed_without_a_note_or_a_rival():
    company, other = build(Company), build(Company)
    disputed = {"status": "disputed", "kind": "metric"}
    build_statement(company, label="alone", key="staff", **disputed)
    build_statement(company, label="noted", key="staff-2", note="Reuters differs.", **disputed)
    build_statement(company, label="rival-1", key="founded", **disputed)
    build_statement(company, label="rival-2", key="founded", **disputed)
    build_statement(other, label="of-another", key="staff", **disputed)
    build_statement(company, label="no-key-1", key="", **disputed)
    build_statement(company, label="no-key-2", key="", **disputed)
    build_statement(company, label="draft", key="x", draft=True, **disputed)
    build_statement(company, label="with-draft-only", key="x", **disputed)
    build_statement(company, label="agreed", key="y", kind="metric")
    assert held("disputed", Statement) == ["alone", "no-key-1", "no-key-2", "of-another", "with-draft-only"]


def test_single_source_are_facts_that_rest_on_one_origin():
    company = build(Company)
    first, second = build_source(origin="A"), build_source(origin="B")
    copy = build_source(origin="A")
    build_statement(company, [first], label="one")
    build_statement(company, [first, copy], label="copies")
    build_statement(company, [first, second], label="two")
    build_statement(company, [], label="none")
    build_statement(company, [first], label="draft", draft=True)
    build_statement(company, [first], label="event", kind="event")
    assert held("single", Statement) == ["copies", "one"]


def test_sources_wait_for_a_link_or_a_copy():
    for state in Source.LinkState:
        build_source(state.value, link_state=state, archive_url=f"https://example.com/{state}")
    build_source("bare")
    assert held("broken", Source) == ["gone", "timeout"]
    assert held("unarchived", Source) == ["bare"]


def test_open_corrections_wait():
    for state in Correction.State:
        build_correction(build(Company), state.value, wrong=state.value)
    assert held("corrections", Correction) == ["open"]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (None, []),
        (AUTHOR, ["disputed", "single", "unread", "broken", "unarchived", "idle"]),
        (REVIEWER, [queue.name for queue in QUEUES]),
        (CHIEF_EDITOR, [queue.name for queue in QUEUES]),
    ],
)
def test_queues_are_those_that_are_a_roles_work(role, names):
    assert [queue.name for queue, _ in counts(build_user(role))] == names


def test_counts_are_what_the_lists_hold(django_assert_num_queries):
    company = build(Company, state="review")
    build_statement(company, status="disputed")
    build_source()
    build_correction(company, "open")
    user = build_user(REVIEWER)
    user.get_all_permissions()
    with django_assert_num_queries(len(RECORDS) + 3):
        found = counts(user)
    for queue, numbers in found:
        assert [model for model, _ in numbers] == list(queue.models)
        for model, number in numbers:
            assert number == len(held(queue.name, model)), (queue.name, model)
    assert {queue.name for queue, numbers in found if any(number for _, number in numbers)} == {
        "corrections",
        "review",
        "disputed",
        "single",
        "unread",
        "unarchived",
    }


def test_names_are_single_and_every_queue_belongs_to_a_model():
    assert len(QUEUE) == len(QUEUES)
    found = {queue for model in (*RECORDS, Statement, Source, Correction) for queue in queues_of(model)}
    assert found == set(QUEUES)
