"""What a published column is, and the kinds that there are of it: links, dates, choices, relations."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter, methodcaller
from typing import Any

from ecosystem.addresses import absolute

# JSON Schema of a value. What may be missing is null in JSON and an empty cell in CSV.
WORD = {"type": "string", "minLength": 1}
TEXT = {"type": ["string", "null"]}
WORDS = {"type": "array", "items": {"type": "string"}}
COUNT = {"type": "integer", "minimum": 0}
NUMBER = {"type": ["number", "null"]}
FLAG = {"type": ["boolean", "null"]}
LINK = {"type": "string", "format": "uri"}
LINKS = {"type": "array", "items": LINK}
INSTANT = {"type": "string", "format": "date-time"}
DAY = {"type": ["string", "null"], "format": "date"}
PARTIAL_DATE = {"type": ["string", "null"], "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}


@dataclass(frozen=True)
class Column:
    """One published field. `read` turns the object into text, a number, a truth value, a list or None.

    `table` is that of the data set whose rows the field names by slug, if it does.
    """

    name: str
    description: str
    read: Callable[[Any], Any]
    schema: dict
    table: str = ""

    def value(self, row):
        """What is published of a row: an empty text is None."""
        return plain(self.read(row))

    @property
    def optional(self):
        return "null" in self.schema["type"]

    @property
    def type(self):
        """The one JSON type that is not null."""
        kinds = self.schema["type"]
        return kinds if isinstance(kinds, str) else kinds[0]

    @property
    def type_in_words(self):
        if "pattern" in self.schema:
            return "date to the year, month or day"
        names = {"array": "list", "string": "text", "boolean": "true or false"}
        words = self.schema.get("format", names.get(self.type, self.type))
        return words.replace("uri", "address") + (", may be empty" if self.optional else "")


def column(name, description, read=None, schema=TEXT):
    """A column; without `read` it is the attribute of that name."""
    return Column(name, description, read or attrgetter(name), schema)


def plain(value):
    return None if value == "" else value


def choice(model, name, description):
    """Two columns: the permanent word of a field with choices, and its label for readers."""
    field = model._meta.get_field(name)
    words = [value for value, _ in field.choices]
    schema = (
        {"type": ["string", "null"], "enum": [*words, None]}
        if field.blank
        else {"type": "string", "enum": words}
    )
    label = column(f"{name}_label", f"{description}, in words", methodcaller(f"get_{name}_display"))
    return column(name, f"{description}: {', '.join(words)}", schema=schema), label


def number(value):
    """A decimal as JSON writes it: 86, not 86.0000."""
    return value if value is None else int(value) if value == int(value) else float(value)


def instant(name, description):
    """To the second: a dump as fixtures keeps no more than milliseconds, and has to give the same files."""
    return column(name, description, lambda row: getattr(row, name).isoformat(timespec="seconds"), INSTANT)


def day(name, description):
    return column(name, description, lambda row: getattr(row, name) and getattr(row, name).isoformat(), DAY)


def slugs(name, description):
    return column(
        name, f"{description} (slugs)", lambda row: [item.slug for item in getattr(row, name).all()], WORDS
    )


def names(relation, name, description):
    return column(name, description, lambda row: [item.name for item in getattr(row, relation).all()], WORDS)


def linked(relation, name, description):
    """Two columns for a relation to many: slugs and names, in one order."""
    return slugs(relation, description), names(relation, name, f"{description} (names)")


def above(relation, description, table):
    """Two columns for a relation to one row of a table: its slug and its name."""
    slug = column(relation, f"{description} (slug)", lambda row: row_value(row, relation, "slug"))
    return (
        replace(slug, table=table),
        column(f"{relation}_name", description, lambda row: row_value(row, relation, "name")),
    )


def row_value(row, relation, name):
    other = getattr(row, relation)
    return other and getattr(other, name)


def address(row):
    return absolute(row.get_absolute_url())
