import pytest
from django.db.models import F

from ecosystem.counting import cross_tabulated
from ecosystem.models import Company
from tests.builders import build

pytestmark = pytest.mark.django_db


def test_combinations_are_added_up():
    firms = [("private", "2010"), ("private", "2011"), ("listed", "2011"), ("listed", None)]
    for ownership, founded in firms:
        build(Company, ownership=ownership, founded=founded)
    expressions = {"ownership": F("ownership"), "founded": F("founded")}
    assert cross_tabulated(Company.objects.all(), expressions) == (
        4,
        {"ownership": {"private": 2, "listed": 2}, "founded": {"2010": 1, "2011": 2, None: 1}},
    )


def test_rows_are_counted_where_nothing_tells_them_apart():
    build(Company)
    assert cross_tabulated(Company.objects.all(), {}) == (1, {})
    assert cross_tabulated(Company.objects.none(), {}) == (0, {})
