"""Cells of the editors' tables: what a value looks like in one, and the form fields that read it back."""

import re
from datetime import date, datetime
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from ecosystem.admin.fields import SentenceField
from ecosystem.fields import PartialDateField

BETWEEN_KEYS = "|"
# What a spreadsheet would run as a formula. The apostrophe before it is one more if there are some already,
# so that taking one off again gives back every text.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
YES_OR_NO = {"true": True, "false": False}


def text_of(value):
    """What stands in a cell for a value: keys for rows, ISO 8601 for dates, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, models.Model):
        return value.natural_key()[0]
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat() if timezone.is_aware(value) else value.isoformat()
    if isinstance(value, (list, tuple, models.QuerySet)):
        return BETWEEN_KEYS.join(sorted(map(text_of, value)))
    # A browser sends its line breaks as two characters; a table has one.
    return str(value).replace("\r\n", "\n")


def harmless(text):
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def typed(cell, field):
    """The text that a cell of a file means. Raises ValidationError for what a spreadsheet made ambiguous."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime) and timezone.is_naive(cell) and not isinstance(field, models.DateTimeField):
        cell = cell.date()
    if isinstance(cell, date) and isinstance(field, PartialDateField) and cell.day == 1:
        raise ValidationError(
            f"The spreadsheet holds the day {cell}, which may have been a month or a year. "
            "Format the cell as text and write 2016, 2016-07 or 2016-07-01."
        )
    text = text_of(cell).strip()
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


class KeysField(forms.ModelMultipleChoiceField):
    """Rows by their keys, with a bar between two. A key that names nothing is an error."""

    widget = forms.TextInput
    # {key: row} of all keys that the file names: read once, not for each row.
    loaded = {}

    def keys(self, text):
        return list(dict.fromkeys(filter(None, map(str.strip, text.split(BETWEEN_KEYS)))))

    def clean(self, value):
        keys = self.keys(value or "")
        if unknown := [key for key in keys if key not in self.loaded]:
            names = ", ".join(f"“{key}”" for key in unknown)
            raise ValidationError(f"There is no {self.queryset.model._meta.verbose_name} {names}.")
        if self.required and not keys:
            raise ValidationError(self.error_messages["required"], code="required")
        return [self.loaded[key] for key in keys]

    def has_changed(self, initial, data):
        """The table compares texts itself."""
        return True


class KeyField(KeysField):
    """One row by its key, or none."""

    def keys(self, text):
        return list(filter(None, [text.strip()]))

    def clean(self, value):
        return next(iter(super().clean(value)), None)


def yes_or_no(db_field, **kwargs):
    """A cell that says true or false; where the column may be empty, that is “not known”."""
    words = {"invalid_choice": "“%(value)s” is none of: true, false."}
    choices, empty = [(word, word) for word in YES_OR_NO], None if db_field.null else db_field.get_default()
    return forms.TypedChoiceField(
        choices=choices, coerce=YES_OR_NO.get, required=False, empty_value=empty, error_messages=words
    )


def column(db_field, **kwargs):
    """The form field that reads a column of the table."""
    if db_field.many_to_many or db_field.many_to_one:
        kind = KeysField if db_field.many_to_many else KeyField
        return kind(db_field.related_model.objects.all(), required=not db_field.blank)
    if isinstance(db_field, models.BooleanField):
        return yes_or_no(db_field)
    if type(db_field) is models.CharField and not db_field.choices:
        kwargs["form_class"] = SentenceField
    words = {"required": "This cell must not be empty."}
    if db_field.choices:
        allowed = ", ".join(value for value, _ in db_field.choices)
        words["invalid_choice"] = f"“%(value)s” is none of: {allowed}."
    elif isinstance(db_field, models.DecimalField):
        words["invalid"] = "This is no number. Write it like 1234.5, without separators and without a unit."
    elif isinstance(db_field, models.IntegerField):
        words["invalid"] = "This is no whole number."
    elif isinstance(db_field, models.DateTimeField):
        words["invalid"] = "Write date and time: 2026-07-09 09:00."
    elif isinstance(db_field, models.URLField):
        kwargs["assume_scheme"] = "https"
    field = db_field.formfield(**kwargs)
    field.error_messages |= words
    return field
