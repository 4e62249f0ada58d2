"""Hubs side by side by their indicators, and companies by what is known of each."""

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem.addresses import reads, with_query
from ecosystem.citations import Bibliography
from ecosystem.columns import STATEMENT
from ecosystem.comparison import company_rows, indicators
from ecosystem.listing import tidied
from ecosystem.models import Company, Hub
from ecosystem.openapi import answer, operation
from ecosystem.renderers import MEDIA_TYPES, csv_file, open_data
from ecosystem.search import matching
from ecosystem.views.errors import strangers
from ecosystem.views.search import SearchForm

MOST_FIRMS, MOST_SUGGESTED = 4, 12
LONGEST_ECHO = 80


@require_safe
def hubs(request, suffix=None):
    unknown = list(tidied(request.GET))
    if suffix and unknown:
        return strangers(unknown)
    drawn, left_out = indicators()
    if suffix:
        lines = csv_file(STATEMENT, (row for one in drawn for row in one.rows))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="compare.csv"'
        return open_data(response)
    bibliography = Bibliography()
    for row in (row for one in drawn for row in one.rows):
        row.marks = bibliography.cite(row.sources.all())
    context = {
        "home": Hub.objects.home(),
        "unknown": unknown,
        "drawn": drawn,
        "left_out": left_out,
        "total": len(drawn) + len(left_out),
        "bibliography": bibliography.entries,
    }
    return render(request, "ecosystem/compare.html", context)


def description():
    """The comparison of hubs as the OpenAPI document has it."""
    answers = {"200": answer("One row an indicator and hub.", MEDIA_TYPES["csv"], {"type": "string"})}
    return operation("compare-csv", "The hub beside its peers, by indicator", "hubs", [], answers)


def address(slugs):
    return with_query(reverse("company-compare"), [("c", slug) for slug in slugs])


def refusal(slugs, firms):
    """(status, sentence) for slugs that cannot be compared, or None."""
    if len(slugs) > MOST_FIRMS:
        return (
            400,
            f"At most {MOST_FIRMS} companies stand side by side, and {len(slugs)} are named. Leave some out.",
        )
    if len(set(slugs)) < len(slugs):
        return 400, "A company is named twice. Name each of them once."
    missing = [slug[:LONGEST_ECHO] for slug in slugs if slug not in firms]
    return (404, f"There is no company “{missing[0]}” here.") if missing else None


def suggested(text, firms):
    """Companies to add: those that hold the words, or else those that are most like the first."""
    public = Company.objects.published()
    if text:
        others = matching(public, text).order_by("name", "pk")
    else:
        others = public.similar_to(firms[0]) if firms else public.filter(hub_link__in=Company.IN_HUB)
    return others.exclude(pk__in=[firm.pk for firm in firms])[:MOST_SUGGESTED]


@reads("c", "q")
@require_safe
def companies(request):
    """A table of two to four companies (`c`); with fewer, the way to choose them (`q` finds more)."""
    query = tidied(request.GET)
    form, slugs = SearchForm(query), query.getlist("c")
    text = form.cleaned_data.get("q", "") if form.is_valid() else ""
    public = Company.objects.published().for_export().filter(slug__in=slugs[: MOST_FIRMS + 1])
    firms = {firm.slug: firm for firm in public}
    refused = refusal(slugs, firms) or (None if form.is_valid() else (400, form.errors["q"][0]))
    chosen = [] if refused else [firms[slug] for slug in slugs]
    context = {
        "parameter": "c" if form.is_valid() else "q",
        "refused": refused and refused[1],
        "unknown": [name for name in query if name not in ("c", "q")],
        "firms": [(firm, address(slug for slug in slugs if slug != firm.slug)) for firm in chosen],
        "most": MOST_FIRMS,
        "found_by": text,
        **(side_by_side(chosen) if len(chosen) > 1 else {}),
    }
    if not refused and len(chosen) < MOST_FIRMS:
        context["suggested"] = [(firm, address([*slugs, firm.slug])) for firm in suggested(text, chosen)]
    return render(request, "ecosystem/company_compare.html", context, status=refused[0] if refused else 200)


def side_by_side(firms):
    rows, alone = company_rows(firms)
    bibliography = Bibliography()
    for row in (row for line in rows for cell in line.cells for row in cell.statements):
        row.marks = bibliography.cite(row.sources.all())
    return {"rows": rows, "alone": alone, "bibliography": bibliography.entries}
