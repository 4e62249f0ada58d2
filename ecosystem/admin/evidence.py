"""Statements and sources on pages of their own: to find one, and to see what rests on it."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ecosystem.admin.desk import QueueFilter
from ecosystem.admin.editorial import EditorialAdmin
from ecosystem.admin.importing import Tables
from ecosystem.admin.reasons import Reasons
from ecosystem.admin.rereading import Rereading
from ecosystem.admin.rights import Rights
from ecosystem.admin.sources import SourceEntry, SourceForm
from ecosystem.admin.statement_forms import StatementForm
from ecosystem.admin.statements import OpenRow
from ecosystem.admin.tables import SourceTable, StatementTable
from ecosystem.models import Source, Statement
from ecosystem.roles import UNSEEN, may, may_change


def admin_link(row, words=None):
    opts = row._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('{}: <a href="{}">{}</a>', opts.verbose_name.capitalize(), address, words or row)


def uses(source):
    """A link to everything that cites the source: statements with their record, records, places."""
    for statement in source.statements.with_subjects():
        yield admin_link(statement, f"{statement.subject}, {statement}")
    for relation in Source.citing_relations():
        yield from map(admin_link, relation.related_model.objects.filter(sources=source))


@admin.register(Source)
class SourceAdmin(Tables, Reasons, Rights, SourceEntry, EditorialAdmin):
    resource_classes = [SourceTable]
    form = SourceForm
    fieldsets = [
        (None, {"fields": ["url", "title", "publisher", "origin", "key"]}),
        ("About it", {"fields": [("kind", "language", "published"), "note"]}),
        ("Link", {"fields": ["archive_url", ("link_state", "link_tried_at"), "link_detail"]}),
        ("Where it is cited", {"fields": ["cited_by"]}),
    ]
    prepopulated_fields = {"key": ["publisher", "title"]}
    readonly_fields = ["link_state", "link_tried_at", "link_detail", "cited_by"]
    search_fields = ["title", "publisher", "url", "key"]
    list_display = ["title", "publisher", "kind", "language", "published", "link_state"]
    list_filter = [QueueFilter, "kind", "language", "link_state"]

    def reaches(self, user, source):
        return may(user, "publish", Source) or not Source.objects.published().filter(pk=source.pk).exists()

    @admin.display
    def cited_by(self, source):
        found = source.pk and format_html_join("", "<li>{}</li>", ((use,) for use in uses(source)))
        return format_html("<ul>{}</ul>", found) if found else "Nothing yet."

    def view_on_site(self, source):
        is_public = Source.objects.published().filter(pk=source.pk).exists()
        return source.get_absolute_url() if is_public else None

    def save_model(self, request, obj, form, change):
        if "url" in form.changed_data:
            obj.forget_link()
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs, request):
        """Keep what is cited: no foreign key does, for the citations are many-to-many."""
        *found, protected = super().get_deleted_objects(objs, request)
        return *found, [*protected, *(use for source in objs for use in uses(source))]


@admin.register(Statement)
class StatementAdmin(Tables, Reasons, Rights, Rereading, OpenRow, EditorialAdmin):
    resource_classes = [StatementTable]
    form = StatementForm
    fieldsets = [
        ("The record that it is about: exactly one", {"fields": Statement.SUBJECTS}),
        (
            "What it states",
            {"fields": ["label", ("kind", "key"), "text", ("value", "unit"), ("date", "actor")]},
        ),
        ("How we know", {"fields": ["sources", "status", "note", "checked_on"]}),
        ("On the page", {"fields": ["draft", "position", "reference", "updated_at"]}),
    ]
    readonly_fields = ["checked_on", "updated_at"]
    actions = ["mark_reread"]
    search_fields = [
        "label",
        "text",
        "key",
        "reference",
        "actor",
        *(f"{name}__name" for name in Statement.SUBJECTS),
    ]
    list_display = ["label", "subject", "words", "kind", "standing", "date"]
    list_filter = [QueueFilter, "kind", "status", "draft"]
    list_select_related = Statement.SUBJECTS

    def get_fieldsets(self, request, obj=None):
        """With the box to tick for those who may change it."""
        told, stated, known, *shown = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            known = (known[0], {"fields": [*known[1]["fields"], "reread"]})
        return [told, stated, known, *shown]

    def reaches(self, user, statement):
        return statement.subject is None or may_change(user, statement.subject)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Nor does a statement move to a record that the role does not reach."""
        if may(request.user, "publish", db_field.related_model):
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        kwargs["queryset"] = db_field.related_model.objects.filter(state__in=UNSEEN)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.error_messages["invalid_choice"] = "Readers see this record: it takes somebody who may publish."
        return field

    @admin.display(description="status", ordering="status")
    def standing(self, statement):
        return statement.get_status_display() + (", draft" if statement.draft else "")

    def view_on_site(self, statement):
        is_public = Statement.objects.published().filter(pk=statement.pk).exists()
        return statement.get_absolute_url() if is_public else None
