"""Statements inside the form of their record."""

from decimal import Decimal

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple

from ecosystem.admin.fields import EditorialFields
from ecosystem.admin.forms import EditorialForm
from ecosystem.admin.rights import Rights
from ecosystem.models import Statement
from ecosystem.status import allowed, own_names, parties, problems

Status = Statement.Status


class StatementForm(EditorialForm):
    """Asks of a statement what its reader would ask: says what, in which unit, and who says so."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.value is not None:
            # 1000, where the column keeps 1000.0000.
            self.initial["value"] = Decimal(f"{self.instance.value.normalize():f}")

    @property
    def subject(self):
        """The record that the form says the statement is about, or None."""
        return next(filter(None, (self.cleaned_data.get(name) for name in Statement.SUBJECTS)), None)

    def has_rival(self):
        key, subject = self.cleaned_data.get("key"), self.subject
        return (
            bool(key and subject) and subject.statements.filter(key=key).exclude(pk=self.instance.pk).exists()
        )

    def clean(self):
        cleaned = super().clean()
        # A field with an error of its own is not among the cleaned ones: one complaint is enough.
        if "value" in cleaned and "text" in cleaned and "unit" in cleaned:
            self.check_content(**{name: cleaned[name] for name in ("value", "text", "unit")})
        if "sources" in cleaned and "status" in cleaned:
            self.check_sources(cleaned)
        return cleaned

    def check_content(self, value, text, unit):
        if value is None and not text:
            self.add_error("text", "Write a text, or give a value with its unit.")
        if value is not None and not unit:
            self.add_error("unit", f"A number needs a unit; a bare count says “{Statement.NO_UNIT}”.")

    def check_sources(self, cleaned):
        """Ask for sources and hold the status against them; one that is left open becomes what they allow."""
        sources, status, note = cleaned["sources"], cleaned["status"], cleaned.get("note")
        if not sources and not cleaned.get("draft"):
            self.add_error("sources", "Give at least one source, or keep the statement as a draft.")
        names = own_names(parties(self.subject), cleaned.get("kind"), cleaned.get("actor") or "")
        found = allowed(sources, names)
        cleaned["status"] = status or found.status or Status.REPORTED
        has_rival = status == Status.DISPUTED and not note and self.has_rival()
        for field, words in problems(cleaned["status"], found, note, has_rival):
            if not self.has_error(field):
                self.add_error(field, words)


class StatementRowForm(StatementForm):
    """A statement among the others of its record."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # A row that nobody touched is not checked again: that would cost queries for each row,
            # and an old fault elsewhere would stop a small correction.
            self.empty_permitted = True
            if "sources" in self.fields:
                self.fields["sources"].widget.widget.loaded = self.instance.sources.all()


class LoadedSelectMultiple(AutocompleteSelectMultiple):
    """Shows the chosen rows out of those that are loaded already, instead of asking for them again."""

    loaded = ()

    def optgroups(self, name, value, attrs=None):
        labels = {str(row.pk): str(row) for row in self.loaded}
        if not labels.keys() >= set(value):
            return super().optgroups(name, value, attrs)
        return [(None, [self.create_option(name, pk, labels[pk], True, 0) for pk in value], 0)]


class StatementInline(Rights, EditorialFields, admin.StackedInline):
    model = Statement
    form = StatementRowForm
    view_on_site = False
    template = "admin/ecosystem/statements.html"
    fields = [
        ("label", "kind", "key"),
        "text",
        ("value", "unit", "date", "actor"),
        "sources",
        ("status", "checked_on", "position", "draft"),
        "note",
    ]

    class Media:
        css = {"all": ["ecosystem/admin.css"]}

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj else 3

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and (not obj or self.reaches(request.user, obj))

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sources")

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = LoadedSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)
