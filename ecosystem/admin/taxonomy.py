from django.contrib import admin

from ecosystem.admin.editorial import EditorialAdmin
from ecosystem.models import Place, Sector


@admin.register(Sector)
class SectorAdmin(EditorialAdmin):
    fields = [("name", "name_zh"), "slug", "definition"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name", "name_zh", "slug"]
    list_display = ["name", "name_zh", "definition"]


@admin.register(Place)
class PlaceAdmin(EditorialAdmin):
    fieldsets = [
        ("Names", {"fields": [("name", "name_zh"), "slug"]}),
        ("What it is", {"fields": ["kind", "parent", "definition", "sources"]}),
        ("Where it is", {"fields": [("latitude", "longitude"), "coordinate_note"]}),
    ]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name", "name_zh", "slug"]
    list_display = ["name", "name_zh", "kind", "parent"]
    list_filter = ["kind"]
    list_select_related = ["parent"]
