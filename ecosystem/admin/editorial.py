"""What the admin pages of all records share: sections, lists, statements inside the form, publication."""

from django.conf import settings
from django.contrib import admin
from django.utils import timezone
from django.utils.dateformat import format as in_words

from ecosystem.admin.desk import QueueFilter
from ecosystem.admin.fields import EditorialFields
from ecosystem.admin.filters import StandingFilter
from ecosystem.admin.forms import EditorialForm, RecordForm
from ecosystem.admin.guard import GuardedSaves
from ecosystem.admin.history import RecordHistory
from ecosystem.admin.moves import AddressMoves
from ecosystem.admin.presence import Presence
from ecosystem.admin.previews import PreviewLinks
from ecosystem.admin.publication import PublicationActions
from ecosystem.admin.reasons import Reasons
from ecosystem.admin.rereading import Rereading
from ecosystem.admin.rights import Rights
from ecosystem.admin.statements import AllowedStatus, StatementInline
from ecosystem.admin.steps import PublicationSteps, complaints
from ecosystem.roles import UNSEEN, may


class EditorialAdmin(Presence, GuardedSaves, RecordHistory, EditorialFields, admin.ModelAdmin):
    """What every editor's page has, of records, of sources and of the vocabularies."""

    form = EditorialForm
    list_per_page = 50
    save_on_top = True
    show_facets = admin.ShowFacets.ALWAYS

    class Media:
        css = {"all": ["ecosystem/admin.css"]}

    def render_change_form(self, request, context, **kwargs):
        """Tell the template each complaint, with a link to its field, instead of Django's bare sentence."""
        context |= {"complaints": list(complaints(context)), "errors": None}
        return super().render_change_form(request, context, **kwargs)

    def get_prepopulated_fields(self, request, obj=None):
        """Only while adding: an address that exists does not follow its name."""
        return {} if obj else super().get_prepopulated_fields(request, obj)


def moment(instant):
    """To the second, with the name of the zone beside it."""
    return f"{in_words(timezone.localtime(instant), 'j M Y, H:i:s')} {settings.TIME_ZONE}"


def day(date):
    """As short as a column of a list needs it."""
    return in_words(date, "j M Y")


class RecordAdmin(
    Reasons,
    Rights,
    PublicationSteps,
    Rereading,
    AllowedStatus,
    AddressMoves,
    PublicationActions,
    PreviewLinks,
    EditorialAdmin,
):
    """A record of any kind. A noun's module adds its names, its columns and its relations."""

    form = RecordForm
    inlines = [StatementInline]
    names = ()
    columns = ()
    relations = ()
    prepopulated_fields = {"slug": ["name"]}
    readonly_fields = ["standing", "checked_on", "updated_at"]
    actions = [*PublicationActions.actions, "mark_reread", "mark_reread_with_statements"]
    search_fields = ["name", "name_zh", "slug"]
    list_display = ["name", "name_zh", "standing", "published_on", "read_on", "updated_on"]
    list_filter = [QueueFilter, StandingFilter]

    def get_fieldsets(self, request, obj=None):
        publication = ["standing", ("checked_on", "updated_at")]
        if self.has_change_permission(request, obj):
            publication += ["reread", "reread_statements"]
        if self.has_withdraw_permission(request):
            publication[1:1] = ["withdraw_at", "withdrawal_reason"]
        if self.has_publish_permission(request):
            publication[1:1] = ["published_at"]
        sections = {
            "Names": [("name", "name_zh"), *self.names, *([] if obj else ["is_distinct"]), "slug"],
            "What it is": ["summary", "body", "sources"],
            "Facts to filter and sort by": self.columns,
            "Relations": self.relations,
            "Publication": publication,
        }
        filled = [(title, {"fields": fields}) for title, fields in sections.items() if fields]
        return [*filled, *self.reason_section(request, obj)]

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

    @admin.display(description="state", ordering="state")
    def standing(self, record):
        """The state by the clock, and what the clock will do to it."""
        words = record.standing.label
        if record.standing == record.Standing.SCHEDULED:
            words += f" for {moment(record.published_at)}"
        if record.withdraw_at and record.standing != record.Standing.WITHDRAWN:
            words += f", to be withdrawn {moment(record.withdraw_at)}"
        return words

    @admin.display(description="published", ordering="published_at")
    def published_on(self, record):
        return record.published_at and day(timezone.localtime(record.published_at))

    @admin.display(description="checked", ordering="checked_on")
    def read_on(self, record):
        return record.checked_on and day(record.checked_on)

    @admin.display(description="updated", ordering="updated_at")
    def updated_on(self, record):
        return day(timezone.localtime(record.updated_at))

    def view_on_site(self, record):
        return record.get_absolute_url() if record.standing == record.Standing.PUBLISHED else None

    def get_deleted_objects(self, objs, request):
        """Keep what readers saw: its address owes them an answer, and a withdrawal gives one."""
        *found, protected = super().get_deleted_objects(objs, request)
        kept = [f"{record} has been public. Withdraw it instead." for record in objs if record.published_at]
        return *found, [*protected, *kept]
