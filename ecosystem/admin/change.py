"""The change log for the staff: who changed what, and the way to take something out of the public history."""

from django.contrib import admin, messages

from ecosystem.admin.restore import Restoring
from ecosystem.changes import redact
from ecosystem.models import Change


@admin.register(Change)
class ChangeAdmin(Restoring, admin.ModelAdmin):
    """To read. Rows are never deleted, since their number is the version of the data."""

    list_display = ["at", "kind", "slug", "action", "published_at", "user", "summary", "reason"]
    list_filter = ["kind", "action", ("user", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["slug", "summary", "reason"]
    date_hierarchy = "at"
    actions = ["redact"]

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
