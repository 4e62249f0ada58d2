"""What is kept in memory goes when it is no longer true."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from ecosystem import kept as module
from ecosystem.kept import kept, moment
from ecosystem.models import RECORDS, Company
from hubportal import content_log
from tests.builders import build

HOUR = 3600


@pytest.fixture
def counted():
    """A kept function that returns how often it was asked."""
    asked = []

    @kept
    def function():
        asked.append(True)
        return len(asked)

    return function


@pytest.fixture
def outside(monkeypatch):
    """As requests are: in no transaction, though the test is in one."""
    monkeypatch.setattr(module, "connection", SimpleNamespace(in_atomic_block=False))


@pytest.mark.django_db
def test_value_is_kept_until_the_version_moves(counted, outside):
    assert (counted(), counted()) == (1, 1)
    content_log.append({Company: {1: None}})
    assert (counted(), counted()) == (2, 2)


@pytest.mark.django_db
def test_value_is_not_kept_past_a_schedule(counted, outside, monkeypatch):
    build(Company, published_at=timezone.now() + timedelta(hours=1))
    content_log.append(None)
    first = counted()
    later = module.time.time() + HOUR
    monkeypatch.setattr(module.time, "time", lambda: later - 1)
    assert counted() == first
    monkeypatch.setattr(module.time, "time", lambda: later + 1)
    assert counted() == first + 1


@pytest.mark.django_db
def test_value_is_kept_by_another_key(outside):
    asked = []

    @kept(by=lambda number: number % 10 or None)
    def function(number):
        asked.append(number)
        return number

    content_log.append(None)
    assert [function(number) for number in (11, 21, 12, 10, 10)] == [11, 11, 12, 10, 10]
    assert asked == [11, 12, 10, 10]


@pytest.mark.django_db
def test_nothing_is_kept_inside_a_transaction_or_without_a_version(counted, monkeypatch):
    assert (counted(), counted()) == (1, 2)
    monkeypatch.setattr(module, "connection", SimpleNamespace(in_atomic_block=False))
    monkeypatch.setattr(content_log, "version", lambda: None)
    assert (counted(), counted()) == (3, 4)


@pytest.mark.django_db
@pytest.mark.parametrize("model", RECORDS)
def test_moment_ends_with_the_next_publication_of_any_record(model):
    now = timezone.now()
    build(model, published_at=now + timedelta(hours=2))
    build(model, published_at=now + timedelta(hours=1))
    build(model, published_at=now + timedelta(minutes=1), state="draft")
    assert moment().until - now.timestamp() == pytest.approx(HOUR, abs=1)


@pytest.mark.django_db
def test_moment_ends_with_the_next_withdrawal():
    due = timezone.now() + timedelta(hours=1)
    build(Company, withdraw_at=due, withdrawal_reason="It was a trial.")
    assert moment().until == pytest.approx(due.timestamp(), abs=1)


@pytest.mark.django_db
def test_moment_without_schedules_has_no_end():
    build(Company)
    assert moment().until == float("inf")
