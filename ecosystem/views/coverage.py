"""How far the content reaches: a page, and its numbers as data."""

from operator import itemgetter

from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ecosystem.column_kinds import COUNT, WORD, column
from ecosystem.columns import as_dict
from ecosystem.coverage import figures
from ecosystem.edition import LICENCE, edition
from ecosystem.listing import tidied
from ecosystem.models import RECORDS
from ecosystem.renderers import csv_file, json_response, open_data
from ecosystem.views.errors import strangers

COLUMNS = (
    column("record_type", "The sort of record; empty for sources"),
    column("name", "Permanent name of the figure", schema=WORD),
    column("words", "What is counted", schema=WORD),
    column("number", "How many", schema=COUNT),
    column("out_of", "Of how many; empty for a plain count", schema={"type": ["integer", "null"]}),
)


@require_safe
def coverage(request, suffix=None):
    unknown = list(tidied(request.GET))
    if suffix and unknown:
        return strangers(unknown)
    found = figures()
    if suffix == "csv":
        response = StreamingHttpResponse(csv_file(COLUMNS, found), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="coverage.csv"'
        return open_data(response)
    if suffix:
        rows = [as_dict(COLUMNS, figure) for figure in found]
        return json_response({"figures": rows, "licence": LICENCE, **edition()})
    context = {"kinds": list(map(row_of, RECORDS, [found] * len(RECORDS))), "unknown": unknown}
    sources = {figure.name: figure for figure in found if not figure.record_type}
    return render(request, "ecosystem/coverage.html", {**context, **sources, "today": timezone.now()})


def row_of(model, found):
    """What the page says of a kind: its name, {figure name: figure}, and what is not known of how many."""
    opts = model._meta
    own = {figure.name: figure for figure in found if figure.record_type == opts.model_name}
    gaps = [(opts.get_field(name).verbose_name, own[f"gap_{name}"].number) for name in model.worth_knowing]
    return {
        "name": opts.verbose_name_plural,
        "list": f"{opts.model_name}-list",
        "figures": own,
        "gaps": sorted(filter(itemgetter(1), gaps), key=itemgetter(1), reverse=True),
    }
