"""The number of queries a page takes does not grow with the rows on it."""

import pytest
from django.db import connection, transaction
from django.urls import reverse

from ecosystem.sitemaps import SITEMAPS
from tests.builders import populate
from tests.pages import DETAILED, EMBEDDED, LISTED, LISTS, PLAIN, address

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 30


def lists(rows):
    found = [address(*view) for view in LISTS] + [address(noun, query="page_size=100") for noun in LISTED]
    return found + [reverse(name) for name in EMBEDDED]


def records(rows):
    """The first record of each kind has all relations, and statements of every kind."""
    keys = {noun: getattr(rows[noun][0], rows[noun][0].natural_key_field) for noun in DETAILED}
    found = [reverse(f"{noun}-json", args=[keys[noun]]) for noun in DETAILED]
    return found + [rows[noun][0].get_absolute_url() for noun in DETAILED]


def pages(rows):
    maps = [reverse("sitemap-part", args=[name, 1]) for name in SITEMAPS]
    return [*(reverse(name) for name in (*PLAIN, "sitemap")), *maps]


def count(client, path):
    """The queries behind an address. Django's own counting keeps each of them in words, which takes long."""
    queries = []

    def note(execute, sql, *rest):
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        response = client.get(path)
        response.getvalue()
    assert response.status_code == 200
    return len(queries)


@pytest.mark.parametrize(("addresses", "most"), [(lists, 16), (records, 22), (pages, 40)])
def test_queries_do_not_grow_with_the_rows(client, addresses, most):
    counts = []
    for number in (FEW, MANY):
        with transaction.atomic():
            counts.append({path: count(client, path) for path in addresses(populate(number))})
            transaction.set_rollback(True)
    few, many = counts
    assert {path: (few[path], many[path]) for path in few if few[path] != many[path]} == {}
    assert {path: number for path, number in many.items() if number > most} == {}
