"""What tells the rows of a list apart, for facets, bounds and charts alike."""

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F
from django.db.models.functions import Substr


@dataclass(frozen=True)
class Dimension:
    """An expression over a row, and the lookup that it is, if it is one. Equal keys mean equal values."""

    key: str
    expression: Any
    path: str = ""

    def members(self, rows):
        """(value, primary key) of each row of a queryset that has a value."""
        rows = rows.order_by().annotate(option=self.expression).filter(option__isnull=False)
        return rows.values_list("option", "pk")


@dataclass(frozen=True)
class Conditions(Dimension):
    """Here the expression is {value: function that returns a Q}.

    `read` is a function of a queryset that tells the members at less cost than a query for each condition.
    """

    read: Any = None

    def members(self, rows):
        return self.read(rows) if self.read else self.by_condition(rows)

    def by_condition(self, rows):
        for value, condition in self.expression.items():
            for key in rows.order_by().filter(condition()).values_list("pk", flat=True):
                yield value, key


def along(path):
    return Dimension(path, F(path), path)


def year_of(date):
    """The dimension of the year of a partial date."""
    return Dimension(f"year of {date}", Substr(date, 1, 4, output_field=CharField()))
