"""What readers and editors get while the database, the cache or the disk fails."""

import errno
import signal
import sys

import pytest
import redis
from django.core.cache import cache, caches
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client

from hubportal import failure
from hubportal.settings import IN_REDIS
from tests.pages import parse, words

OUTAGES = [
    OperationalError("database is locked: hunter2"),
    InterfaceError("connection already closed"),
    redis.ConnectionError("refused"),
    OSError(errno.ENOSPC, "No space left on device"),
]
FAULTS = [
    IntegrityError("UNIQUE constraint failed"),
    DataError("out of range"),
    OSError(errno.ENOENT, "a file"),
    KeyError("x"),
]


def name_of(exception):
    return type(exception).__name__


def raising(exception):
    def fail(*args, **kwargs):
        raise exception

    return fail


@pytest.fixture
def reader():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("exception", OUTAGES, ids=name_of)
@pytest.mark.django_db
def test_outage_is_answered_with_503_in_words(reader, monkeypatch, exception):
    monkeypatch.setattr(connection, "cursor", raising(exception))
    response = reader.get("/companies/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Cache-Control"] == "no-store"
    assert words(next(parse(response).iter("h1"))) == "Try again soon"
    assert failure.SENTENCE in response.content.decode()
    assert b"hunter2" not in response.content
    assert b"Traceback" not in response.content


@pytest.mark.parametrize("path", ["/companies.json", "/companies.csv", "/companies.atom", "/sources/x.json"])
@pytest.mark.django_db
def test_outage_is_a_problem_for_programs(reader, monkeypatch, path):
    monkeypatch.setattr(connection, "cursor", raising(OUTAGES[0]))
    response = reader.get(path)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == failure.SENTENCE


@pytest.mark.django_db
def test_outage_is_part_of_the_apis_description(reader):
    operations = [item["get"] for item in reader.get("/api/openapi.json").json()["paths"].values()]
    assert operations
    for operation in operations:
        answer = operation["responses"]["503"]
        assert list(answer["content"]) == ["application/problem+json"]
        assert answer["headers"]["Retry-After"]["required"]


@pytest.mark.parametrize("exception", FAULTS, ids=name_of)
@pytest.mark.django_db
def test_fault_of_ours_stays_500(reader, monkeypatch, exception):
    monkeypatch.setattr(connection, "cursor", raising(exception))
    assert reader.get("/companies/").status_code == 500


@pytest.mark.django_db
def test_outage_in_a_middleware_is_503_too(reader, monkeypatch, admin_client):
    """The session is read before any view, and the page that says so must not read it again."""
    reader.cookies = admin_client.cookies
    monkeypatch.setattr(connection, "cursor", raising(OUTAGES[0]))
    for path in ("/admin/", "/admin/ecosystem/company/", "/accounts/2fa/"):
        response = reader.get(path)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_outage_while_the_template_is_broken_still_says_so(reader, monkeypatch):
    monkeypatch.setattr(connection, "cursor", raising(OUTAGES[0]))
    monkeypatch.setattr(failure, "render_to_string", raising(ValueError("no manifest")))
    response = reader.get("/companies/")
    assert (response.status_code, response.content.decode()) == (503, failure.LAST_RESORT)


@pytest.mark.django_db
def test_login_is_refused_while_failures_cannot_be_counted(reader, monkeypatch):
    """Without the counters anybody could guess on."""
    for method in ("get", "set", "incr", "add"):
        monkeypatch.setattr(type(cache._connections[cache._alias]), method, raising(OUTAGES[2]))
    response = reader.post("/accounts/login/", {"login": "editor", "password": "guess"})
    assert response.status_code == 503
    assert reader.get("/companies/").status_code == 200


def test_outages_are_told_where_redis_is_not_installed(monkeypatch):
    monkeypatch.delitem(sys.modules, "redis")
    assert failure.is_outage(OUTAGES[0])
    assert not failure.is_outage(KeyError("x"))


@pytest.fixture
def shared(settings, redis_server):
    """The cache that the site shares where there is a Redis."""
    settings.CACHES = {"default": {**IN_REDIS, "LOCATION": redis_server[1]}}
    return caches["default"]


def test_redis_that_hangs_is_given_up_and_used_again(shared, redis_server):
    shared.set("a", 1)
    redis_server[0].send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(redis.TimeoutError) as outage:
            shared.get("a")
    finally:
        redis_server[0].send_signal(signal.SIGCONT)
    assert failure.is_outage(outage.value)
    assert shared.get("a") == 1


def test_redis_that_is_gone_is_an_outage(settings, tmp_path):
    settings.CACHES = {"default": {**IN_REDIS, "LOCATION": f"unix://{tmp_path}/sock"}}
    with pytest.raises(redis.ConnectionError) as outage:
        caches["default"].get("a")
    assert failure.is_outage(outage.value)
