from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import Collection


@admin.register(Collection)
class CollectionAdmin(RecordAdmin):
    relations = ["companies"]
