"""What a monitor asks, every few seconds, of a process that may have lost its database."""

import pytest


# No database mark: a query would be an error.
def test_healthz_answers_and_asks_no_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "no-store"


def test_healthz_sets_no_cookie(client):
    assert not client.get("/healthz").cookies


def test_healthz_answers_head(client):
    response = client.head("/healthz")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("method", ["post", "put", "delete", "trace"])
def test_healthz_refuses_other_methods(client, method):
    assert getattr(client, method)("/healthz").status_code == 405
