"""The rows of a view, found and counted in the index of its list."""

from functools import reduce
from operator import and_


class Selection:
    """The rows of a valid filterset, in an index."""

    def __init__(self, index, filterset):
        self.index, self.filterset = index, filterset
        values = filterset.form.cleaned_data.items()
        found = ((name, self.narrowed_by(name, value)) for name, value in values)
        self.parts = {name: rows for name, rows in found if rows is not None}
        self.rows = self.without(None)

    def narrowed_by(self, name, value):
        """The rows that one filter leaves, or None for all."""
        item, queryset = self.filterset.filters[name], self.filterset.queryset
        if hasattr(item, "dimension"):
            column = self.index.column(item.dimension)
            picked = item.picked(value, column)
            return None if picked is None else column.having(picked)
        narrowed = item.filter(queryset, value)
        return None if narrowed is queryset else self.index.search(name, value, narrowed)

    def without(self, name):
        """The rows that all filters but one leave."""
        return reduce(and_, (rows for other, rows in self.parts.items() if other != name), self.index.public)

    @property
    def total(self):
        return self.rows.bit_count()

    def facet_counts(self):
        """{facet: {value: n}}, each under all other filters."""
        return {
            name: self.spread(facet.dimension, self.without(name) if name in self.parts else self.rows)
            for name, facet in self.filterset.facets.items()
        }

    def spread(self, dimension, rows):
        """{value: n} of a column among some rows."""
        return self.index.column(dimension).counts(rows, self.index.width)

    def spread_of_all(self, dimension):
        """The same among the rows of the view; those that have no value count under None."""
        column = self.index.column(dimension)
        without = (self.rows & ~column.having(column)).bit_count()
        return self.spread(dimension, self.rows) | ({None: without} if without else {})

    def keys(self, window):
        """The primary keys of a page, in order."""
        order = self.index.order((type(self.filterset), self.filterset.current_sort), self.filterset.ordering)
        return self.index.first(self.rows, order, window)

    def __getitem__(self, window):
        """The rows of a page as a queryset, by their keys."""
        keys = self.keys(window)
        return self.filterset.queryset.filter(pk__in=keys).order_by(*self.filterset.ordering)
