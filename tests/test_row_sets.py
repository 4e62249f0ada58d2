"""Sets of rows say what Python's own sets say."""

import random
from collections import defaultdict

import pytest

from ecosystem import row_sets
from ecosystem.row_sets import Column, rows_at, truths

WIDTH = 1000


def keys_of(rows):
    return {key for key, is_there in enumerate(truths(rows, WIDTH)) if is_there}


def some_pairs(deal, keys):
    """Pairs of which some values have few rows, some have many; each pair comes twice."""
    chances = {"often": 0.5, "at times": 0.1, "rarely": 0.02, "hardly ever": 0.003}
    pairs = [(value, key) for value, chance in chances.items() for key in keys if deal.random() < chance]
    return deal.sample(pairs * 2, 2 * len(pairs))


def sets(pairs):
    found = defaultdict(set)
    for value, key in pairs:
        found[value].add(key)
    return found


def agrees(column, expected):
    among = set(range(0, WIDTH, 3))
    assert {value: keys_of(column.having([value])) for value in column if column.having([value])} == expected
    assert keys_of(column.having(column)) == set().union(*expected.values())
    counts = {value: len(keys & among) for value, keys in expected.items() if keys & among}
    assert column.counts(rows_at(among), WIDTH) == counts
    for key in range(0, WIDTH, 50):
        assert set(column.of(key)) == {value for value, keys in expected.items() if key in keys}


@pytest.mark.parametrize("keys", [[], [0], [7, 999], list(range(0, WIDTH, 7))], ids=len)
def test_rows_at_keys_are_told_again(keys):
    assert keys_of(rows_at(keys)) == set(keys)


def test_column_says_which_rows_have_which_values():
    pairs = some_pairs(random.Random(1), range(WIDTH))
    column = Column(pairs)
    assert column.many
    assert column.few
    agrees(column, sets(pairs))


def test_value_that_few_rows_have_takes_no_set_of_bits():
    column = Column([("rare", 10**6), ("rare", 3)])
    assert (sorted(column.few["rare"]), column.many) == ([3, 10**6], {})


def test_column_amended_is_that_of_all_pairs_and_leaves_the_old_one(monkeypatch):
    monkeypatch.setattr(row_sets, "FEW", 8)
    deal = random.Random(2)
    pairs = some_pairs(deal, range(WIDTH))
    column = Column(pairs)
    for _ in range(20):
        touched, old = set(deal.sample(range(WIDTH), deal.choice([1, 5, 300]))), sets(pairs)
        fresh = some_pairs(deal, sorted(touched))
        amended = column.amended(touched, fresh)
        agrees(column, old)
        pairs, column = [pair for pair in pairs if pair[1] not in touched] + fresh, amended
        agrees(column, sets(pairs))


def test_column_of_no_rows_has_no_values():
    column = Column([])
    assert (list(column), column.having(column), column.counts(0, 0)) == ([], 0, {})
