from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import Institution


@admin.register(Institution)
class InstitutionAdmin(RecordAdmin):
    columns = ["kind", "place"]
    list_filter = [*RecordAdmin.list_filter, "kind"]
