from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.admin.importing import Tables
from ecosystem.admin.tables import BreakthroughTable
from ecosystem.models import Breakthrough


@admin.register(Breakthrough)
class BreakthroughAdmin(Tables, RecordAdmin):
    resource_classes = [BreakthroughTable]
    columns = [("kind", "date")]
    relations = ["companies", "institutions", "sectors"]
    list_filter = [*RecordAdmin.list_filter, "kind", "sectors"]
