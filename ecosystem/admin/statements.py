"""Statements inside the form of their record: the rows, and what the browser asks while they are typed."""

from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path

from ecosystem.admin.alignment import MOST_ROWS
from ecosystem.admin.fields import EditorialFields
from ecosystem.admin.rights import Rights
from ecosystem.admin.statement_forms import (
    LoadedChoiceField,
    LoadedSelectMultiple,
    StatementFormSet,
    StatementRowForm,
    primary_keys,
)
from ecosystem.models import Breakthrough, Company, Institution, Source, Statement
from ecosystem.status import allowed, own_names, parties

NAMES = ("name", "name_zh", "legal_name", "other_names")


class StatementInline(Rights, EditorialFields, admin.StackedInline):
    model = Statement
    form = StatementRowForm
    formset = StatementFormSet
    view_on_site = False
    template = "admin/ecosystem/statements.html"
    readonly_fields = ["checked_on"]
    max_num = MOST_ROWS
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
        js = ["ecosystem/statements.js"]

    def get_extra(self, request, obj=None, **kwargs):
        return 1

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and (not obj or self.reaches(request.user, obj))

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sources")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs, absolute_max=MOST_ROWS)
        formset.form.faults = getattr(request, "faults", {})
        return formset

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs |= {
            "widget": LoadedSelectMultiple(db_field, self.admin_site),
            "form_class": LoadedChoiceField,
        }
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def as_typed(model, data):
    """The record that the form in the browser describes, not saved: enough to know who speaks for it."""
    fields = {field.name for field in model._meta.fields}
    subject = model(**{name: data.get(name, "") for name in NAMES if name in fields})
    if model is Company:
        subject.parent = Company.objects.filter(pk__in=primary_keys(data.getlist("parent"))).first()
    if model is Breakthrough:
        firms = Company.objects.filter(pk__in=primary_keys(data.getlist("companies")))
        houses = Institution.objects.filter(pk__in=primary_keys(data.getlist("institutions")))
        subject.makers = [*firms, *houses]
    return subject


class AllowedStatus:
    """A record's admin that tells what the sources chosen in a row allow, while the form is typed."""

    def get_urls(self):
        view, name = self.admin_site.admin_view(self.allowed_status), self.opts.model_name
        own = path("allowed-status/", view, name=f"ecosystem_{name}_allowed_status")
        return [own, *super().get_urls()]

    def allowed_status(self, request):
        """Which status these `sources` allow of the record that is typed, as a sentence."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        data = request.GET
        names = own_names(parties(as_typed(self.model, data)), data.get("kind"), data.get("actor", ""))
        sources = Source.objects.filter(pk__in=primary_keys(data.getlist("sources")))
        return JsonResponse({"text": allowed(sources, names).sentence})


class OpenRow:
    """The admin of statements that gives the fields of one, to go into its record's form."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.row)
        return [path("<int:pk>/row/", view, name="ecosystem_statement_row"), *super().get_urls()]

    def row(self, request, pk):
        """The fields of a statement as its record's form has them in the row with the number `row`."""
        record = get_object_or_404(Statement.objects.with_subjects(), pk=pk).subject
        number = request.GET.get("row", "")
        owner = self.admin_site.get_model_admin(type(record))
        [(factory, inline)] = [
            pair for pair in owner.get_formsets_with_inlines(request, record) if pair[1].model is Statement
        ] or [(None, self)]
        if not factory or not inline.has_change_permission(request, record):
            raise PermissionDenied
        formset = factory(instance=record, queryset=inline.get_queryset(request).filter(pk=pk))
        form = formset.initial_forms[0]
        form.prefix = f"{formset.prefix}-{number if number.isdecimal() else 0}"
        form.open()
        sections, fixed = inline.get_fieldsets(request, record), inline.get_readonly_fields(request, record)
        rows = InlineAdminFormSet(inline, formset, sections, readonly_fields=fixed, model_admin=owner)
        context = {"row": next(iter(rows)), "position": number}
        return TemplateResponse(request, "admin/ecosystem/_statement_fields.html", context)
