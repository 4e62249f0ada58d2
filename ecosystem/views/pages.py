"""The pages that are about the hub and the portal as a whole."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem.addresses import absolute
from ecosystem.citations import Bibliography
from ecosystem.kept import kept
from ecosystem.list_index import index_of
from ecosystem.listing import listed
from ecosystem.models import RECORDS, Hub, Source, Statement
from ecosystem.renderers import LICENCE
from ecosystem.status import DEFINITIONS
from ecosystem.views.breakthrough import BreakthroughListView
from ecosystem.views.challenge import ChallengeListView
from ecosystem.views.company import CompanyListView
from ecosystem.views.factor import FactorListView

NEWEST = 6
BOARD = 12
MOST_SEALS = 72
# Claims on a page of their own, and as many values; a page of more would take minutes.
MOST_CHECKED = 500
LATEST = ["-updated_at", "pk"]
# The heading under which the home hub's text sets the views of its future side by side.
OUTLOOK = "## Outlook"


def changed_lately(number):
    """The records that were changed last, of every kind."""
    latest = []
    for model in RECORDS:
        public = model.objects.published()
        if index := index_of(public):
            order = index.order("updated", LATEST)
            public = public.filter(pk__in=index.first(index.public, order, slice(0, number)))
        latest += public.order_by(*LATEST)[:number]
    return sorted(latest, key=lambda record: record.updated_at, reverse=True)[:number]


def strongest_figure(factor):
    """The first sourced number among a factor's evidence that counts as true, or None."""
    figures = (row for row in factor.statements.all() if row.value is not None and row.counts_as_true)
    return next(figures, None)


def wall(companies):
    """Companies for a picture of the whole field, those of one first sector side by side."""
    rows = list(companies.rows[:MOST_SEALS].prefetch_related("sectors"))
    return sorted(rows, key=lambda company: [sector.name for sector in company.sectors.all()])


@kept
def number_of(model):
    return model.objects.published().count()


def figures(companies, breakthroughs, challenges):
    """What is counted here, as (number, words, address of what is counted)."""
    counted = [
        (companies.total, "companies", "company-list"),
        (breakthroughs.total, "breakthroughs", "breakthrough-list"),
        (challenges.total, "challenges", "challenge-list"),
        (number_of(Source), "sources", "source-list"),
        (number_of(Statement), "sourced statements", "statement-list"),
    ]
    return [(f"{number:,}", words, reverse(name)) for number, words, name in counted]


@require_safe
def home(request):
    factors = list(listed(FactorListView).queryset.for_export())
    for factor in factors:
        factor.figure = strongest_figure(factor)
    hub = Hub.objects.home()
    companies, breakthroughs = listed(CompanyListView), listed(BreakthroughListView)
    challenges = listed(ChallengeListView)
    claims = Statement.objects.published().filter(kind=Statement.Kind.CHECK).did_not_hold()
    context = {
        "hub": hub,
        "outlook": hub and hub.body.partition(OUTLOOK)[2],
        "wall": wall(companies),
        "figures": figures(companies, breakthroughs, challenges),
        "breakthroughs": breakthroughs,
        "challenges": challenges,
        "newest": breakthroughs.rows[:NEWEST].for_listing(),
        "board": challenges.queryset.with_response_count()[:BOARD],
        "factors": factors,
        "claims": claims.with_subjects().order_by("-status", "position", "pk")[:4],
        "changed": changed_lately(6),
    }
    return render(request, "ecosystem/home.html", context)


@require_safe
def checked(request):
    """Claims and values that should not be repeated as they stand, and claims that held."""
    bibliography = Bibliography()
    public = Statement.objects.published().with_subjects().with_sources()
    claims = list(public.filter(kind=Statement.Kind.CHECK).order_by("position", "pk")[:MOST_CHECKED])
    differing = public.exclude(kind=Statement.Kind.CHECK).did_not_hold()
    values = sorted(
        differing.order_by("-pk")[:MOST_CHECKED], key=lambda row: (row.subject.name, row.position, row.pk)
    )
    for statement in [*claims, *values]:
        statement.marks = bibliography.cite(statement.sources.all())
    context = {
        "unsupported": [claim for claim in claims if claim.status == "unsupported"],
        "disputed": [claim for claim in claims if claim.status == "disputed"],
        "held": [claim for claim in claims if claim.counts_as_true],
        "values": values,
        "most": MOST_CHECKED if MOST_CHECKED in (len(claims), len(values)) else None,
        "bibliography": bibliography.entries,
    }
    return render(request, "ecosystem/checked.html", context)


@require_safe
def method(request):
    context = {
        "statuses": DEFINITIONS.items(),
        "source_kinds": Source.Kind.labels,
    }
    return render(request, "ecosystem/method.html", context)


@require_safe
def about(request):
    context = {"hub": Hub.objects.home(), "contact": settings.SITE_CONTACT, "licence": LICENCE}
    return render(request, "ecosystem/about.html", context)


@require_safe
def robots(request):
    """Keep crawlers out of filter combinations; everything else is theirs."""
    map_line = f"Sitemap: {absolute(reverse('sitemap'))}"
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /*?", map_line, ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
