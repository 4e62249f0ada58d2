from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import Breakthrough


@admin.register(Breakthrough)
class BreakthroughAdmin(RecordAdmin):
    columns = [("kind", "date")]
    relations = ["companies", "institutions", "sectors"]
    list_filter = [*RecordAdmin.list_filter, "kind", "sectors"]
