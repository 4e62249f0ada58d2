"""Readers report what is wrong, see what became of it, and all see what was decided."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db.models import Count, Max
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ecosystem.column_kinds import LINK, WORD, address, choice, column, instant
from ecosystem.corrections import MOST_REPORTS, ReportForm, may_send, subject
from ecosystem.facets import Facet
from ecosystem.filtering import ListFilterSet, about_matching, of_kinds
from ecosystem.listing import FilteredListView
from ecosystem.models import Correction
from ecosystem.models.correction import as_written, new_reference
from ecosystem.models.evidence import SUBJECTS
from ecosystem.renderers import weak_etag
from ecosystem.views.errors import refusal
from ecosystem.views.unsent import STALE, may_be_sent_again, unsent
from hubportal.gate import ADMIN, PRIVATE

COLUMNS = (
    column("reference", "Permanent name of the report", schema=WORD),
    column("record_type", "What sort of record it is about", lambda row: row.kind, WORD),
    column("record", "The record that it is about (slug)", lambda row: row.record.slug, WORD),
    column("record_name", "Name of that record", schema=WORD),
    column(
        "statement",
        "The statement that it is about (reference), if one was named and is public",
        lambda row: row.statement and row.statement.reference,
    ),
    *choice(Correction, "state", "What was decided"),
    column("reason", "What was changed, or why nothing was", schema=WORD),
    instant("received_at", "When the report came in (ISO 8601, UTC)"),
    instant("decided_at", "When it was decided (ISO 8601, UTC)"),
    column("url", "Address of the page here", address, LINK),
)


class CorrectionFilterSet(ListFilterSet):
    kind = of_kinds(SUBJECTS)
    state = Facet("state", label="Decision", choices=Correction.State.choices[1:])

    sorts = {
        "-date": ("Newest first", ["-decided_at", "-pk"]),
        "date": ("Oldest first", ["decided_at"]),
    }

    def search(self, queryset, name, value):
        """Decisions about the public records that have these words today."""
        return queryset.filter(about_matching(SUBJECTS, value))


class CorrectionListView(FilteredListView):
    """Decisions are no change of content: the version of the data does not tell that one was taken."""

    model = Correction
    filterset_class = CorrectionFilterSet
    columns = COLUMNS
    suffixes = ("json", "csv", "atom")
    has_records = False
    introduction = (
        "What editors decided about problems that readers reported, without the reporters. To report "
        "one yourself, open the page concerned and follow “Report a problem”."
    )

    def get(self, request, *args, **kwargs):
        response = super().get(request, *args, **kwargs)
        del response["Last-Modified"]
        if "ETag" in response:
            latest = Correction.objects.published().aggregate(Count("pk"), Max("decided_at"))
            response["ETag"] = weak_etag(response["ETag"], latest)
        return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correction_new(request):
    """The form about `?record=company/unitree`, and `&statement=` where it is about one of its statements."""
    record = request.GET.get("record")
    if not record:
        return refusal(
            request, 400, "record", "Open the page that is wrong, and follow “Report a problem” there."
        )
    found = subject(record, request.GET.get("statement", ""))
    if found is None:
        raise Http404
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return show_form(request, found, form, 200)
    if form.is_from_robot:
        return redirect("correction-sent", new_reference())
    if not may_send(get_adapter().get_client_ip(request)):
        form.add_error(None, too_many())
        return show_form(request, found, form, 429)
    return redirect("correction-sent", form.report(*found).reference)


def too_many():
    otherwise = f", or write to {settings.SITE_CONTACT}" if settings.SITE_CONTACT else ""
    return (
        f"From your network {MOST_REPORTS} reports came today, and we take no more. Try tomorrow{otherwise}."
    )


def show_form(request, found, form, status):
    record, statement = found
    context = {"record": record, "statement": statement, "form": form, "days": Correction.CONTACT_DAYS}
    return render(request, "ecosystem/correction_new.html", context, status=status)


def csrf_failure(request, reason=""):
    """The answer to a form without a valid token: what was typed is kept, ready to be sent again.

    All other pages for readers take no forms at all.
    """
    is_report = request.resolver_match.url_name == "correction-new"
    if not (is_report or request.path_info.startswith(PRIVATE)):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if request.path_info.startswith(ADMIN) and may_be_sent_again(request):
        return unsent(request, 403, STALE, is_to_be_sent=True)
    found = subject(request.GET.get("record", ""), request.GET.get("statement", ""))
    if not is_report or found is None:
        return render(request, "403_csrf.html", status=403)
    form = ReportForm(request.POST)
    form.add_error(None, "The page was open for too long, or your browser keeps no cookies. Send it again.")
    return never_cache(show_form)(request, found, form, 403)


@require_safe
def correction_sent(request, reference):
    """The same words for every reference: a robot learns nothing here."""
    return render(request, "ecosystem/correction_sent.html", {"reference": reference})


@require_safe
def correction_detail(request, reference):
    """What became of a report: for whoever has its reference. What it said stays with the editors."""
    if reference != as_written(reference):
        return redirect("correction-detail", as_written(reference))
    correction = get_object_or_404(Correction.objects.known(), reference=reference)
    context = {"correction": correction, "log": reverse("correction-list")}
    return render(request, "ecosystem/correction_detail.html", context)
