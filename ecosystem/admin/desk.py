"""The admin's first page: what waits for whoever is logged in, and how far the content reaches."""

from django.contrib import admin
from django.contrib.admin.utils import model_ngettext
from django.urls import reverse

from ecosystem import coverage, queues


class QueueFilter(admin.SimpleListFilter):
    """Narrows a list to one queue of the first page."""

    title = "what waits"
    parameter_name = "queue"

    def lookups(self, request, model_admin):
        return [(queue.name, queue.label) for queue in queues.queues_of(model_admin.model)]

    def queryset(self, request, queryset):
        chosen = [queue for queue in queues.queues_of(queryset.model) if queue.name == self.value()]
        return queryset.filter(chosen[0].condition(queryset.model)) if chosen else queryset


def address(queue, model):
    return f"{reverse(f'admin:ecosystem_{model._meta.model_name}_changelist')}?queue={queue.name}"


def rows(user):
    """The queues as the page shows them: each with its total and, kind by kind, where to find the rows."""
    for queue, numbers in queues.counts(user):
        yield {
            "queue": queue,
            "total": sum(number for _, number in numbers),
            "parts": [
                (number, model_ngettext(model, number), address(queue, model))
                for model, number in numbers
                if number
            ],
        }


def index(request, extra_context=None):
    """Django's first page with the desk above its list of models; who edits nothing sees no desk."""
    waiting = list(rows(request.user))
    desk = {"waiting": waiting, "coverage": coverage.in_short() if waiting else []}
    return admin.AdminSite.index(admin.site, request, {**desk, **(extra_context or {})})
