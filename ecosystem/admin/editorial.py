"""What the admin pages of all records share: fields, statements inside the form, publication."""

from datetime import timedelta

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelectMultiple
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ecosystem.admin.forms import EditorialForm, RecordForm, SentenceField, StatementRowForm
from ecosystem.admin.moves import AddressMoves
from ecosystem.admin.publication import PublicationActions
from ecosystem.admin.rights import UNSEEN, Rights, may
from ecosystem.fields import PartialDateField
from ecosystem.models import Statement

# From this length on a line of text gets a box that wraps.
LONG = 300


class EditorialFields:
    """How the fields of a form look, in records as in the rows inside them."""

    formfield_overrides = {
        # The field brings its own widget; the admin's default for text would hide its example.
        PartialDateField: {},
        models.TextField: {"widget": AdminTextareaWidget({"rows": 3})},
        # The default of Django 6, which 5.2 warns of.
        models.URLField: {"assume_scheme": "https"},
    }

    def get_autocomplete_fields(self, request):
        """Every relation: a table that grows never becomes a select box."""
        opts = self.model._meta
        return [field.name for field in (*opts.fields, *opts.many_to_many) if field.is_relation]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if type(db_field) is models.CharField and db_field.max_length >= LONG:
            return db_field.formfield(form_class=SentenceField, widget=SentenceField.widget, **kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


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


class EditorialAdmin(EditorialFields, admin.ModelAdmin):
    """What every editor's page has, of records, of sources and of the vocabularies."""

    form = EditorialForm
    list_per_page = 50
    save_on_top = True
    show_facets = admin.ShowFacets.ALWAYS

    class Media:
        css = {"all": ["ecosystem/admin.css"]}

    def get_prepopulated_fields(self, request, obj=None):
        """Only while adding: an address that exists does not follow its name."""
        return {} if obj else super().get_prepopulated_fields(request, obj)


class LastCheckFilter(admin.SimpleListFilter):
    """What somebody should read again."""

    title = "last check"
    parameter_name = "checked"

    def lookups(self, request, model_admin):
        return [("never", "Never"), ("old", "Over a year ago"), ("recent", "Within a year")]

    def queryset(self, request, queryset):
        a_year_ago = timezone.localdate() - timedelta(days=365)
        conditions = {
            "never": Q(checked_on=None),
            "old": Q(checked_on__lt=a_year_ago),
            "recent": Q(checked_on__gte=a_year_ago),
        }
        return queryset.filter(conditions.get(self.value(), Q()))


class RecordAdmin(Rights, AddressMoves, PublicationActions, EditorialAdmin):
    """A record of any kind. A noun's module adds its names, its columns and its relations."""

    form = RecordForm
    inlines = [StatementInline]
    names = ()
    columns = ()
    relations = ()
    radio_fields = {"state": admin.HORIZONTAL}
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["updated_at"]
    search_fields = ["name", "name_zh", "slug"]
    list_display = ["name", "name_zh", "visibility", "published_on", "checked_on", "updated_on"]
    list_filter = ["state", LastCheckFilter]

    def get_fieldsets(self, request, obj=None):
        publication = ["state", ("checked_on", "updated_at")]
        if self.has_publish_permission(request):
            publication[1:1] = ["published_at", "withdrawal_reason"]
        sections = {
            "Names": [("name", "name_zh"), *self.names, "slug"],
            "What it is": ["summary", "body", "sources"],
            "Facts to filter and sort by": self.columns,
            "Relations": self.relations,
            "Publication": publication,
        }
        return [(title, {"fields": fields}) for title, fields in sections.items() if fields]

    def has_publish_permission(self, request, obj=None):
        return may(request.user, "publish", self.model)

    def has_withdraw_permission(self, request, obj=None):
        return may(request.user, "withdraw", self.model)

    def get_search_results(self, request, queryset, search_term):
        """Also of the boxes in other forms: a statement is offered the records that the role reaches."""
        rows, may_have_duplicates = super().get_search_results(request, queryset, search_term)
        if request.GET.get("model_name") == "statement" and not self.has_publish_permission(request):
            rows = rows.filter(state__in=UNSEEN)
        return rows, may_have_duplicates

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "state" and not self.has_publish_permission(request):
            kwargs["choices"] = [(state.value, state.label) for state in UNSEEN]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.display(description="state", ordering="state")
    def visibility(self, record):
        """The state, but a record with its date ahead is not published yet."""
        is_ahead = record.published_at and record.published_at > timezone.now()
        return "Scheduled" if record.state == "published" and is_ahead else record.get_state_display()

    @admin.display(description="published", ordering="published_at")
    def published_on(self, record):
        return record.published_at and timezone.localdate(record.published_at)

    @admin.display(description="updated", ordering="updated_at")
    def updated_on(self, record):
        return timezone.localdate(record.updated_at)

    def view_on_site(self, record):
        is_public = record.state == "published" and record.published_at <= timezone.now()
        return record.get_absolute_url() if is_public else None

    def get_deleted_objects(self, objs, request):
        """Keep what readers saw: its address owes them an answer, and a withdrawal gives one."""
        *found, protected = super().get_deleted_objects(objs, request)
        kept = [f"{record} has been public. Withdraw it instead." for record in objs if record.published_at]
        return *found, [*protected, *kept]
