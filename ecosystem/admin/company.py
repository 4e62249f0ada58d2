from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.admin.importing import Tables
from ecosystem.admin.merge import Merging
from ecosystem.admin.tables import CompanyTable
from ecosystem.models import Company


@admin.register(Company)
class CompanyAdmin(Merging, Tables, RecordAdmin):
    resource_classes = [CompanyTable]
    actions = [*RecordAdmin.actions, "merge_selected"]
    names = ["legal_name", "other_names"]
    columns = [
        ("founded", "hub_link"),
        "place",
        "headquarters_city",
        ("size_band", "ownership"),
        ("ticker", "exchange"),
        "parent",
        "website",
        "open_source",
    ]
    relations = ["sectors"]
    list_filter = [*RecordAdmin.list_filter, "hub_link", "ownership", "sectors"]
    search_fields = [*RecordAdmin.search_fields, "legal_name", "other_names", "ticker"]
