from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import Factor


@admin.register(Factor)
class FactorAdmin(RecordAdmin):
    columns = ["kind"]
    list_filter = [*RecordAdmin.list_filter, "kind"]
