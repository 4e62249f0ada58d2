"""What a monitor asks, every few seconds, of a process that may have lost its database."""

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from hubportal import health

each_probe = pytest.mark.parametrize("path", ["/healthz", "/readyz"])


@pytest.fixture(autouse=True)
def migrations_are_not_known(monkeypatch):
    monkeypatch.setattr(health.has_migrations, "ran", False)


# No database mark: a query would be an error.
def test_healthz_answers_and_asks_no_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
def test_readyz_answers_if_all_is_there(client):
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def refuse(*args, **kwargs):
    raise OperationalError("the password is hunter2")


@pytest.mark.django_db
@pytest.mark.parametrize(("part", "name"), [(connection, "cursor"), (cache, "get")])
def test_readyz_without_database_or_cache_says_not_ready_and_no_more(client, monkeypatch, caplog, part, name):
    monkeypatch.setattr(part, name, refuse)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"not ready\n")
    assert response["Retry-After"] == "5"
    assert "not ready: has_" in caplog.text


@pytest.mark.django_db
def test_readyz_waits_for_migrations(client, caplog):
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    assert client.get("/readyz").status_code == 503
    assert "not ready: has_migrations" in caplog.text
    MigrationRecorder(connection).record_applied("sessions", "0001_initial")
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_asks_for_migrations_until_they_ran(client, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(2):  # the database and, in it, the cache
        client.get("/readyz")


@each_probe
@pytest.mark.django_db
def test_probe_is_kept_nowhere_and_sets_no_cookie(client, path):
    response = client.get(path)
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


@each_probe
@pytest.mark.django_db
def test_probe_answers_by_any_host_and_without_tls(settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


@each_probe
@pytest.mark.django_db
def test_probe_answers_head(client, path):
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


@each_probe
@pytest.mark.parametrize("method", ["post", "put", "delete", "trace"])
def test_probe_refuses_other_methods(client, path, method):
    assert getattr(client, method)(path).status_code == 405
