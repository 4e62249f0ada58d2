from django.contrib import admin

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import Challenge


@admin.register(Challenge)
class ChallengeAdmin(RecordAdmin):
    columns = [("category", "since"), "severity", "severity_reason", "trend", "trend_reason"]
    relations = ["companies", "sectors"]
    list_filter = [*RecordAdmin.list_filter, "category", "severity", "trend"]
