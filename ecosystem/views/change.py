"""What changed here, when and why; never who did it."""

from datetime import date, datetime, time

from django.apps import apps
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import make_aware
from django.views.decorators.http import require_safe
from django_filters import CharFilter, DateFilter

from ecosystem.addresses import reads
from ecosystem.columns import CHANGE
from ecosystem.facets import Facet
from ecosystem.filtering import ListFilterSet, about, about_matching, of_kinds
from ecosystem.history import History
from ecosystem.listing import FilteredListView, listed
from ecosystem.models import RECORDS, Change
from ecosystem.views.errors import moved, refusal, whole_number

ENTRIES = 20
EPOCH = date(1970, 1, 1)


def model_of(kind):
    return apps.get_model("ecosystem", kind)


class ChangeFilterSet(ListFilterSet):
    kind = of_kinds(Change.KINDS)
    action = Facet("action", label="What happened", choices=Change.Action.choices[1:])

    record = CharFilter(method="of_record", label="Of record", max_length=80)
    since = DateFilter(method="from_day", label="Since day", input_formats=["%Y-%m-%d"])

    sorts = {
        "-date": ("Newest first", ["-published_at", "-pk"]),
        "date": ("Oldest first", ["published_at"]),
    }

    def search(self, queryset, name, value):
        """Changes of the public records that have these words today."""
        return queryset.filter(about_matching(Change.KINDS, value))

    def of_record(self, queryset, name, value):
        """Changes of the public records that have this slug or key today."""
        return queryset.filter(
            about(Change.KINDS, lambda rows: rows.filter(**{rows.model.natural_key_field: value}))
        )

    def from_day(self, queryset, name, value):
        """Days are those of the hub. No change is as old as the epoch, and clocks need no older date."""
        midnight = make_aware(datetime.combine(max(value, EPOCH), time.min))
        return queryset.filter(published_at__gte=midnight)


class ChangeListView(FilteredListView):
    model = Change
    filterset_class = ChangeFilterSet
    columns = CHANGE
    suffixes = ("json", "csv", "atom")
    has_records = False
    template = "ecosystem/change_list.html"
    introduction = "What readers of this site saw change: published, edited, withdrawn, and why."

    def get_queryset(self):
        return super().get_queryset().for_listing()


@require_safe
def change_detail(request, key):
    """One change: what the record said before, and what it said after."""
    change = get_object_or_404(Change.objects.published().for_listing(), pk=key)
    context = {"change": change, "record_name": change.record_name}
    if change.action not in Change.GONE:
        context["history_address"] = reverse(f"{change.kind}-history", args=[change.record_key])
    context["entries"] = list(History.of(change).entries([change.pk]))
    return render(request, "ecosystem/history.html", context)


@reads("page")
@require_safe
def history(request, slug, kind):
    """All changes of a public record that readers saw, newest first."""
    rows = model_of(kind).objects
    record = rows.published().filter(**{rows.model.natural_key_field: slug}).first()
    if record is None:
        return no_history(request, rows.model, slug)
    past = History(kind, record.pk)
    number, fault = whole_number(request.GET, "page", default=1)
    pages = Paginator(past.keys, ENTRIES)
    if fault:
        return refusal(request, 400, "page", fault)
    if number > pages.num_pages:
        sentence = f"The history has {pages.num_pages} pages, no page {number}."
        return refusal(request, 404, "page", sentence)
    page = pages.page(number)
    context = {
        "record": record,
        "record_name": str(record),
        "noun": rows.model._meta.verbose_name,
        "past": past,
        "page": page,
        "entries": past.entries(page.object_list),
        "can_read_versions": rows.model in RECORDS,
        "listing": listed(ChangeListView, kind=kind, record=slug),
    }
    return render(request, "ecosystem/history.html", context)


def no_history(request, model, slug):
    """The answer that the page of the record gives."""
    if model not in RECORDS:
        raise Http404
    record = model.objects.withdrawn().filter(slug=slug).first()
    if record is None and (redirect := moved(request, model._meta.model_name, slug)):
        return redirect
    if record is None:
        raise Http404
    return render(request, "410.html", {"record": record}, status=410)
