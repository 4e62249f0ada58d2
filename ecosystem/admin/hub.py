from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import Hub


@admin.register(Hub)
class HubAdmin(RecordAdmin):
    columns = [("country", "is_home")]
    list_filter = [*RecordAdmin.list_filter, "is_home"]
