"""What editors narrow a list of records by, beside the queues."""

from django.contrib import admin
from django.db.models import Q
from django.db.models.functions import Now

from ecosystem.models.record import Record
from ecosystem.querysets import is_published

Standing = Record.Standing
STANDINGS = {
    Standing.DRAFT: Q(state="draft"),
    Standing.IN_REVIEW: Q(state="review"),
    Standing.SCHEDULED: Q(state="published", published_at__gt=Now()),
    Standing.PUBLISHED: is_published(),
    Standing.WITHDRAWN: Q(state="withdrawn") | Q(state="published", withdraw_at__lte=Now()),
}


class StandingFilter(admin.SimpleListFilter):
    """The state by the database's clock."""

    title = "state"
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return Standing.choices

    def queryset(self, request, queryset):
        return queryset.filter(STANDINGS.get(self.value(), Q()))
