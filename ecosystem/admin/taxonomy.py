from django.contrib import admin

from ecosystem.admin.editorial import EditorialAdmin
from ecosystem.admin.evidence import admin_link
from ecosystem.models import Place, Sector


@admin.register(Sector)
class SectorAdmin(EditorialAdmin):
    fields = [("name", "name_zh"), "slug", "definition"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name", "name_zh", "slug"]
    list_display = ["name", "name_zh", "definition"]

    def get_deleted_objects(self, objs, request):
        """Keep what is in use: no foreign key does, for records are sorted into sectors many-to-many."""
        *found, protected = super().get_deleted_objects(objs, request)
        return *found, [*protected, *(use for sector in objs for use in sorted_into(sector))]


def sorted_into(sector):
    """A link to each record of the sector, drafts included."""
    for relation in Sector._meta.related_objects:
        yield from map(admin_link, relation.related_model.objects.filter(sectors=sector))


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
