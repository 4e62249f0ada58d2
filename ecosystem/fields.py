"""Dates to the year, month or day, that stay that way; addresses to compare; text of several lines."""

import calendar
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from ecosystem.normal import LONGEST_URL, normal_url

PATTERN = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?\Z"


class PartialDate(str):
    """`2016`, `2016-07` or `2016-07-09`: ISO 8601 reduced precision.

    A string, so that it sorts as text: a year stands before its months, a month before its days.
    Raises ValueError for anything else, and for days that no calendar has.
    """

    def __new__(cls, value):
        parts = value.split("-")
        if not all(part.isascii() and part.isdigit() for part in parts) or list(map(len, parts)) not in (
            [4],
            [4, 2],
            [4, 2, 2],
        ):
            raise ValueError(f"“{value}” is not a date like 2016, 2016-07 or 2016-07-09.")
        date.fromisoformat("-".join([*parts, "01", "01"][:3]))
        return super().__new__(cls, value)

    @property
    def year(self):
        return int(self[:4])

    @property
    def readable(self):
        """The date in words, at its own precision: “2016”, “July 2016”, “9 July 2016”."""
        year, *rest = self.split("-")
        words = [str(int(part)) for part in rest[1:]] + [calendar.month_name[int(part)] for part in rest[:1]]
        return " ".join([*words, year])

    def agrees_with(self, other):
        """Whether one of the two only says less than the other: 2016 and 2016-07 do, 2016 and 2017 do not."""
        return self.startswith(other) or other.startswith(self)


def parse_partial_date(value):
    """Turn text into a PartialDate, nothing into None. Raises ValidationError with advice."""
    if value in (None, ""):
        return None
    try:
        return PartialDate(str(value).strip())
    except ValueError as error:
        raise ValidationError(
            "Write a year, a month or a day: 2016, 2016-07 or 2016-07-09.", code="invalid_partial_date"
        ) from error


class PartialDateFormField(forms.CharField):
    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"placeholder": "2016-07", "size": 11}))
        super().__init__(**kwargs)

    def to_python(self, value):
        return parse_partial_date(super().to_python(value))


class PartialDateField(models.CharField):
    """Stores a PartialDate as text; NULL is “not known”. The database refuses any other form."""

    description = "Date known to the year, month or day"

    def __init__(self, *args, **kwargs):
        kwargs.update(max_length=10, null=True, blank=True)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "null", "blank"):
            del kwargs[fixed]
        return name, path, args, kwargs

    def db_check(self, connection):
        matches = {"sqlite": "REGEXP", "postgresql": "~"}[connection.vendor]
        return f"{connection.ops.quote_name(self.column)} {matches} '{PATTERN}'"

    def from_db_value(self, value, expression, connection):
        # The database holds no other: its constraint has looked at each.
        return value and str.__new__(PartialDate, value)

    def to_python(self, value):
        return parse_partial_date(value)

    def get_prep_value(self, value):
        return super().get_prep_value(value) or None

    def formfield(self, **kwargs):
        return super().formfield(form_class=PartialDateFormField, empty_value=None, **kwargs)


class Derived:
    """An attribute that is computed whenever it is read."""

    def __init__(self, field):
        self.field = field

    def __get__(self, row, owner=None):
        return self if row is None else normal_url(getattr(row, self.field.of))

    def __set__(self, row, value):
        # What the database said. It is noted only so that Django counts the column as loaded.
        row.__dict__[self.field.attname] = value


class NormalUrlField(models.CharField):
    """The normal form of the web address in the field `of`, by which doubles are found in one query.

    Derived, and no part of fixtures: neither `loaddata` nor a save can write anything else into it.
    """

    descriptor_class = Derived

    def __init__(self, *args, of, **kwargs):
        kwargs.update(max_length=LONGEST_URL, default="", editable=False, serialize=False)
        super().__init__(*args, **kwargs)
        self.of = of

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "default", "editable", "serialize"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of}


class LinesField(forms.CharField):
    """Text of several lines. A line break is one sign, whatever a browser sends for it."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python((value or "").replace("\r\n", "\n"))
