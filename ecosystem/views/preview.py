"""A record as its publication would show it: for editors, and for a week for whoever holds a link."""

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ecosystem.addresses import absolute
from ecosystem.models.record import Record
from ecosystem.previews import LASTS, read, token
from ecosystem.roles import may, may_change
from ecosystem.views.breakthrough import BreakthroughDetailView
from ecosystem.views.challenge import ChallengeDetailView
from ecosystem.views.collection import CollectionDetailView
from ecosystem.views.company import CompanyDetailView
from ecosystem.views.factor import FactorDetailView
from ecosystem.views.hub import HubDetailView
from ecosystem.views.institution import InstitutionDetailView

VIEWS = (
    CompanyDetailView,
    BreakthroughDetailView,
    ChallengeDetailView,
    FactorDetailView,
    InstitutionDetailView,
    CollectionDetailView,
    HubDetailView,
)
VIEW_OF = {view.model._meta.model_name: view for view in VIEWS}
Standing = Record.Standing
NOT_OURS = "This link to a preview is not one that this site made. Ask for it again: a part may be missing."
TOO_OLD = "This link to a preview worked for a week, and the week is over. Ask for a new one."
REVOKED = "An editor took back the links to this preview that were handed out. Ask for a new one."
WITHDRAWN = "The record behind this link to a preview was withdrawn."
GONE = "The record behind this link to a preview was deleted."


def secret(answer):
    """Keep what a view answers out of every cache and index, and its address out of other sites' logs."""

    def wrapper(request, **kwargs):
        response = answer(request, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return require_safe(wrapper)


def find(kind, key):
    return VIEW_OF[kind].model.objects.for_detail().filter(pk=key).first()


def page(request, record, **banner):
    view = VIEW_OF[record._meta.model_name]()
    view.setup(request)
    return view.get_page(record, preview={"zone": settings.TIME_ZONE, **banner})


@secret
def preview(request, kind, key):
    """For the staff. To anybody else there is nothing at this address."""
    view, user = VIEW_OF.get(kind), request.user
    record = find(kind, key) if view and user.is_staff and may(user, "view", view.model) else None
    if record is None:
        raise Http404
    banner = {"edit": reverse(f"admin:ecosystem_{kind}_change", args=[key])}
    if record.standing not in (Standing.PUBLISHED, Standing.WITHDRAWN):
        until = timezone.now().replace(microsecond=0) + LASTS
        shared = absolute(reverse("preview-shared", args=[token(record, until)]))
        banner |= {"until": until, "shared": shared}
        if may(user, "change", view.model) and may_change(user, record):
            banner["revoke"] = reverse(f"admin:ecosystem_{kind}_revoke", args=[key])
    return page(request, record, **banner)


@secret
def shared(request, text):
    """For whoever holds the link, while the record waits for its publication."""
    try:
        kind, key, until, is_revoked = read(text)
    except BadSignature:
        return refusal(request, 404, NOT_OURS)
    if until < timezone.now():
        return refusal(request, 410, TOO_OLD)
    if is_revoked:
        return refusal(request, 410, REVOKED)
    record = find(kind, key)
    if record is None:
        return refusal(request, 410, GONE)
    if record.standing == Standing.WITHDRAWN:
        return refusal(request, 410, WITHDRAWN)
    if record.standing == Standing.PUBLISHED:
        return redirect(record)
    return page(request, record, until=until)


def refusal(request, status, sentence):
    return render(request, "404.html", {"sentence": sentence}, status=status)
