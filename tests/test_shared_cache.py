"""The shared cache: what it holds names nobody, and goes when it has run out."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty():
    cache.clear()


def names():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache_entries")
        return [name for (name,) in cursor.fetchall()]


def test_failed_login_is_counted_where_all_see_it_under_names_that_tell_nothing(client):
    client.post("/accounts/login/", {"login": "editor", "password": "x"}, REMOTE_ADDR="192.0.2.77")
    assert len(names()) == 3
    assert not [name for name in names() if "192.0.2.77" in name or "editor" in name]


def test_names_of_another_site_are_others(settings):
    cache.set("a", 1)
    assert cache.get("a") == 1
    settings.SECRET_KEY = "another" * 9
    assert cache.get("a") is None


def test_what_has_run_out_is_deleted_and_nothing_else():
    for timeout in (-60, 60, None):
        cache.set(f"key-{timeout}", 1, timeout)
        session = SessionStore()
        session.set_expiry(timezone.now() + timedelta(seconds=timeout or 600))
        session.save()
    assert len(names()) == Session.objects.count() == 3
    call_command("clear_expired")
    assert len(names()) == Session.objects.count() == 2
    assert cache.get("key-60") == cache.get("key-None") == 1


def test_redis_forgets_by_itself(settings, django_assert_num_queries):
    settings.REDIS_URL = "redis://nowhere"
    with django_assert_num_queries(2):  # those for sessions and for open forms
        call_command("clear_expired")
