"""How the fields of an editor's form look, in records as in the rows inside them."""

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.template.loader import render_to_string

from ecosystem.fields import LinesField, PartialDateField

# From this length on a line of text gets a box that wraps.
LONG = 300


class SentenceField(forms.CharField):
    """One line of text in a box that wraps: line breaks become spaces."""

    widget = AdminTextareaWidget({"rows": 2})

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


class MarkdownWidget(AdminTextareaWidget):
    """A box for Markdown, with a button that shows what it becomes: here with script, else in another tab."""

    class Media:
        js = ["ecosystem/markdown.js"]

    def render(self, name, value, attrs=None, renderer=None):
        box = super().render(name, value, attrs, renderer)
        context = {"box": box, "name": name, "id": (attrs or {}).get("id", "")}
        return render_to_string("admin/ecosystem/markdown.html", context)


class EditorialFields:
    """How the fields of a form look, in records as in the rows inside them."""

    formfield_overrides = {
        # The field brings its own widget; the admin's default for text would hide its example.
        PartialDateField: {},
        models.TextField: {"form_class": LinesField, "widget": AdminTextareaWidget({"rows": 3})},
        # The default of Django 6, which 5.2 warns of.
        models.URLField: {"assume_scheme": "https"},
    }

    def get_autocomplete_fields(self, request):
        """Every relation: a table that grows never becomes a select box."""
        opts = self.model._meta
        return [field.name for field in (*opts.fields, *opts.many_to_many) if field.is_relation]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "body":
            kwargs["widget"] = MarkdownWidget({"rows": 12})
        if type(db_field) is models.CharField and db_field.max_length >= LONG:
            return db_field.formfield(form_class=SentenceField, widget=SentenceField.widget, **kwargs)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.DateTimeField):
            # Django before 6 writes a word beside each box, and no label.
            for box, part in zip(field.widget.widgets, ("date", "time"), strict=True):
                box.attrs["aria-label"] = f"{field.label}: {part}"
        return field
