"""What tells the rows of a list apart, for facets, bounds and charts alike."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db.models import CharField, F
from django.db.models.functions import Substr

# Rows that the database hands over at once, for there may be hundreds of thousands.
MOST_READ = 5000


@dataclass(frozen=True)
class Dimension:
    """An expression over a row, and the lookup that it is, if it is one. Equal keys mean equal values."""

    key: str
    expression: Any
    path: str = ""

    def members(self, rows):
        """(value, primary key) of each row of a queryset that has a value."""
        rows = rows.order_by().annotate(option=self.expression).filter(option__isnull=False)
        return rows.values_list("option", "pk").iterator(MOST_READ)

    def leads_to(self, model):
        """The names of the models through which the values of a model's rows are reached."""
        names = set()
        for part in self.path.split("__") if self.path else ():
            field = model._meta.get_field(part)
            if field.is_relation:
                model = field.related_model
                names.add(model._meta.model_name)
        return names


@dataclass(frozen=True)
class OneOf(Dimension):
    """Here the expression is a tuple of lookups, of which for each row one at most leads anywhere."""

    def members(self, rows):
        return chain.from_iterable(along(path).members(rows) for path in self.expression)

    def leads_to(self, model):
        return set().union(*(along(path).leads_to(model) for path in self.expression))


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
