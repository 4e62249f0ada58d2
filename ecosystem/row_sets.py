"""Sets of rows as integers, which count and combine in no time: a row's bit is at its primary key.

Telling bits from keys needs nothing beside them that way: for a quarter of a million statements that would
take as many megabytes as all else.
"""

from array import array
from collections import defaultdict
from copy import copy
from functools import partial, reduce
from itertools import chain
from operator import or_

from ecosystem.dimensions import MOST_READ

# Fewer bits than these are set one by one.
FEW = 50
TRUTHS = bytes.maketrans(b"01", b"\0\1")
Keys = partial(array, "I")


def rows_of(queryset):
    """The set of the rows of a queryset."""
    return rows_at(Keys(queryset.order_by().values_list("pk", flat=True).iterator(MOST_READ)))


def rows_at(keys):
    """The set of the rows that have these primary keys."""
    if len(keys) < FEW:
        return reduce(or_, (1 << key for key in keys), 0)
    digits = bytearray(b"0") * (max(keys) + 1)
    for key in keys:
        digits[key] = 49
    return int(digits[::-1], 2)


def truths(rows, width):
    """Bytes that say of each key below `width` whether its row is in a set."""
    return f"{rows:0{width}b}".encode()[::-1].translate(TRUTHS)


def by_value(pairs):
    """{value: keys} of pairs (value, key)."""
    found = defaultdict(Keys)
    for value, key in pairs:
        found[value].append(key)
    return found


class Column:
    """Which rows have which value: the set of them, or of few rows their keys, which take less.

    Without that, the firms behind a hundred thousand breakthroughs would take more than all else.
    """

    def __init__(self, pairs):
        """`pairs` are (value, key), in any order; they may come twice."""
        self.many, self.few = {}, {}
        self.add(pairs)

    def add(self, pairs):
        for value, keys in by_value(pairs).items():
            keys += self.few.pop(value, Keys())
            if value in self.many or len(keys) >= FEW:
                self.many[value] = self.many.get(value, 0) | rows_at(keys)
            else:
                self.few[value] = Keys(set(keys))

    def __iter__(self):
        return chain(self.many, self.few)

    def having(self, values):
        """The rows that have any of these values."""
        rare = Keys(chain.from_iterable(self.few.get(value, ()) for value in values))
        return reduce(or_, (self.many.get(value, 0) for value in values), rows_at(rare))

    def of(self, key):
        """The values of one row."""
        often = [value for value, rows in self.many.items() if rows >> key & 1]
        return often + [value for value, keys in self.few.items() if key in keys]

    def counts(self, rows, width):
        """{value: n} of the rows of a set, without those that none has."""
        is_there = truths(rows, width).__getitem__
        found = {value: (rows & having).bit_count() for value, having in self.many.items()}
        found |= {value: sum(map(is_there, keys)) for value, keys in self.few.items()}
        return {value: n for value, n in found.items() if n}

    def amended(self, touched, pairs):
        """A copy in which the rows of the keys `touched` have the values of these pairs and no others."""
        new, others = copy(self), ~rows_at(touched)
        new.many = {value: rows & others for value, rows in self.many.items()}
        new.few = {
            value: keys if touched.isdisjoint(keys) else Keys(key for key in keys if key not in touched)
            for value, keys in self.few.items()
        }
        new.add(pairs)
        return new
