"""The change log for the staff: who changed what, and the way to take something out of the public history."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.dateformat import format as in_words

from ecosystem.admin.restore import Restoring
from ecosystem.changes import redact
from ecosystem.models import Change


@admin.register(Change)
class ChangeAdmin(Restoring, admin.ModelAdmin):
    """To read. Rows are never deleted, since their number is the version of the data."""

    list_display = ["committed", "kind", "slug", "action", "user", "summary", "reason"]
    list_filter = ["kind", "action", ("user", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["slug", "summary", "reason"]
    date_hierarchy = "at"
    actions = ["redact"]

    class Media:
        css = {"all": ["ecosystem/admin.css"]}

    @admin.display(description="committed", ordering="at")
    def committed(self, change):
        return in_words(timezone.localtime(change.at), "j M Y, H:i")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_redact_permission(self, request):
        return request.user.is_superuser

    @admin.action(description="Take what they say out of the public history", permissions=["redact"])
    def redact(self, request, queryset):
        """The remedy for a name that should never have been published: correct the record, then do this."""
        asked, done = queryset.count(), redact(queryset)
        self.message_user(request, f"Taken out of the history: {done}.")
        if done < asked:
            kept = "What a record says today is not history: correct the record first, then redact."
            self.message_user(request, kept, messages.WARNING)
