"""Sessions while the database fails, and when somebody else ended them."""

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError

from tests.builders import build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def used(client):
    """A client who is logged in, and whose next request writes to the session."""
    client.raise_request_exception = False
    client.force_login(build_user())
    session = client.session
    session["seen_at"] = 0
    session.save()
    return client


def test_session_that_cannot_be_written_is_an_outage(used, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(Session, "save", fail)
    response = used.get("/admin/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_session_that_ended_meanwhile_is_none(used, monkeypatch):
    save = Session.save

    def end_first(self, **options):
        Session.objects.all().delete()
        save(self, **options)

    monkeypatch.setattr(Session, "save", end_first)
    assert used.get("/admin/").status_code == 400


def test_session_is_kept_while_it_is_used(used):
    assert used.get("/admin/").status_code == 200
    assert used.session["seen_at"] > 0
