"""Lists counted in memory: every row has a bit, and the rows that have a value are one integer.

What a view holds is then an “and” of integers, and counting it takes microseconds whatever its filters are.
All of it is read from SQL behind the same gate and amended after each commit, and none of it is the truth:
the rows of a page come from the database, by their keys. Inside a transaction, or without LIST_INDEX, SQL
does it all.
"""

import threading
from copy import copy
from functools import reduce
from itertools import islice
from operator import or_

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q

from ecosystem.dimensions import MOST_READ
from ecosystem.kept import moment
from ecosystem.kept_rows import KeptRows
from ecosystem.models import RECORDS, Statement
from ecosystem.row_sets import Column, Keys, rows_at, rows_of, truths
from hubportal import content_log

# A set takes this many bits at most. Keys beyond, of a table that has seen that many rows, are left to SQL.
MOST_BITS = 2**22
# So many touched rows are put into an order one by one, each among so many others at a time.
FEW_PLACED, SAMPLE = 20, 64
# Together at most four megabytes of a process.
MOST_FOUND_BITS = 2**25

INDEXED = (*RECORDS, Statement)
indexes = {}
lock = threading.Lock()


def index_of(queryset):
    """The index, true now, of all that is public of a model; None where SQL has to answer."""
    model = getattr(queryset, "model", None)
    if not settings.LIST_INDEX or connection.in_atomic_block or model not in INDEXED:
        return None
    index = indexes.get(model)
    if index is None or not index.moment.lasts:
        with lock:
            index = indexes.get(model)
            if index is None or not index.moment.lasts:
                index = indexes[model] = renewed(index, queryset)
    return index


def renewed(index, queryset):
    """An index of the content of now, made from an older one if what was touched since can be told."""
    now = moment()
    if now.version is None or last_key(queryset.model) >= MOST_BITS:
        return None
    # A schedule that fell due is no commit: nothing tells which rows it opened.
    if index and index.moment.until == now.until:
        touched = content_log.since(index.moment.version)
        if touched is not None:
            return index.amended(touched, now)
    return ListIndex(queryset, now)


def last_key(model):
    return model._base_manager.aggregate(last=Max("pk"))["last"] or 0


class ListIndex:
    """Sets of rows are integers. `width` is how many bits hold any of them; it only grows."""

    def __init__(self, queryset, now):
        self.queryset, self.model = queryset, queryset.model
        self.moment, self.lock = now, threading.RLock()
        self.public = rows_of(queryset)
        self.width = self.public.bit_length()
        # {name: Column}, how each was read, {order: keys}, {(filter, value): rows}.
        self.columns, self.dimensions, self.orders, self.found = {}, {}, {}, {}
        self.shown = KeptRows()

    def public_among(self, keys):
        """Of these primary keys those of public rows, in their order."""
        is_public = truths(self.public, self.width)
        return [key for key in keys if key < self.width and is_public[key]]

    def column(self, dimension):
        """The Column of a facet or a chart, read when first asked for."""
        name = dimension.key
        with self.lock:
            if name not in self.columns:
                self.dimensions[name] = dimension
                self.columns[name] = Column(self.read(dimension))
            return self.columns[name]

    def read(self, dimension, **lookup):
        """Yield (value, key) of all rows, or some. The gate is memory's here: asked again for each column, it
        would take the database longer than the column does.
        """
        is_public = truths(self.public, self.width)
        for value, key in dimension.members(self.model._base_manager.filter(**lookup)):
            if key < self.width and is_public[key]:
                yield value, key

    def order(self, name, ordering):
        """The primary keys of all rows in an order of the list."""
        with self.lock:
            if name not in self.orders:
                rows = self.queryset.order_by(*ordering).values_list("pk", flat=True)
                keys = rows.iterator(MOST_READ)
                self.orders[name] = ordering, Keys(key for key in keys if key < self.width)
            return self.orders[name][1]

    def first(self, rows, order, window):
        """The primary keys of some rows, in an order, from window.start to before window.stop."""
        is_there = truths(rows, self.width).__getitem__
        return list(islice(filter(is_there, order), window.start, window.stop))

    def nearest(self, key, dimension, among, order, number):
        """The primary keys of the rows that share most values with one row, and at least one."""
        column = self.column(dimension)
        shared = [column.having([value]) for value in column.of(key)]
        # The rows that have at least 0, 1, 2 … of these values.
        at_least = [among & ~(1 << key)] + [0] * (len(shared) + 1)
        for rows in shared:
            for n in reversed(range(len(shared))):
                at_least[n + 1] |= at_least[n] & rows
        keys = []
        for n in range(len(shared), 0, -1):
            exactly = at_least[n] & ~at_least[n + 1]
            keys += self.first(exactly, order, slice(0, number - len(keys)))
        return keys

    def search(self, name, value, queryset):
        """The rows that a filter other than a facet leaves; what was asked for lately is kept."""
        rows = self.found.get((name, value))
        if rows is None:
            rows = rows_of(queryset) & self.public
            if len(self.found) * self.width > MOST_FOUND_BITS:
                self.found = {}
            self.found[name, value] = rows
        return rows

    def amended(self, touched, now):
        """A copy that is true now: the rows of this model that were touched are read again.

        Of other models that were touched, the columns that lead to them are read when next asked for.
        """
        new = copy(self)
        new.moment, new.lock, new.found = now, threading.RLock(), {}
        new.shown = self.shown.after(self.model, touched)
        name = self.model._meta.model_name
        own, others = touched.get(name, set()), set(touched)
        if self.model is Statement:
            # They come, go and change with the records that they are about.
            about = [Q(**{f"{name}__in": touched[name]}) for name in Statement.SUBJECTS if name in touched]
            rows = Statement.objects.filter(reduce(or_, about, Q(pk__in=[])))
            own = own.union(rows.values_list("pk", flat=True))
            others -= set(Statement.SUBJECTS)
        new.columns = {
            name: column
            # Another thread may just be reading one more.
            for name, column in list(self.columns.items())
            if not others & self.dimensions[name].leads_to(self.model)
        }
        if own:
            new.reread(own)
        return new

    def reread(self, keys):
        public = list(self.queryset.filter(pk__in=keys).order_by().values_list("pk", flat=True))
        self.public = self.public & ~rows_at(keys) | rows_at(public)
        self.width = max(self.width, self.public.bit_length())
        for name, column in self.columns.items():
            self.columns[name] = column.amended(keys, self.read(self.dimensions[name], pk__in=keys))
        self.orders = {
            name: (ordering, self.reordered(ordering, order, keys, public))
            # Another thread may just be reading one more.
            for name, (ordering, order) in list(self.orders.items())
            if len(public) <= FEW_PLACED
        }
        if not self.moment.lasts:
            # What was read just now may be of a later content, to which a whole order has to be true.
            self.orders = {}

    def reordered(self, ordering, order, touched, public):
        """An order with some rows put where they belong now."""
        order = Keys(key for key in order if key not in touched)
        for key in public:
            order.insert(self.place_in(ordering, order, key), key)
        return order

    def place_in(self, ordering, order, key):
        """Where a row belongs in an order: the database sorts it among ever closer neighbours."""
        low, high = 0, len(order)
        while low < high:
            at = {order[n]: n for n in range(low, high, (high - low) // SAMPLE + 1)}
            rows = self.model._base_manager.filter(pk__in=[key, *at]).order_by(*ordering)
            found = list(rows.values_list("pk", flat=True))
            if key not in found:
                break
            before, after = found[: found.index(key)], found[found.index(key) + 1 :]
            low = at[before[-1]] + 1 if before else low
            high = at[after[0]] if after else high
        return low
