"""Which state of the public data somebody holds: its version, its date, and how to cite it."""

import re
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Count, Max
from django.utils.dateformat import format as in_words
from django.utils.http import http_date
from django.utils.timezone import localtime

from ecosystem.addresses import absolute
from ecosystem.kept import kept
from ecosystem.models import Change

LICENCE = {
    "name": "CC BY 4.0",
    "url": "https://creativecommons.org/licenses/by/4.0/",
    "excludes": "Quotations, names and marks of others stay theirs.",
}
BIBTEX_ESCAPES = str.maketrans(
    {sign: f"\\{sign}" for sign in "#$%&_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


@kept
def state():
    """(version, date) as changes.data_version() and version_date() have them, in one query."""
    last = Change.objects.seen().aggregate(version=Count("pk"), date=Max("published_at"))
    return last["version"], last["date"]


def edition():
    """The state of the data as JSON names it; its date is null before the first change."""
    version, date = state()
    return {"data_version": version, "data_date": date and date.astimezone(UTC).isoformat()}


def edition_of(change):
    """The state of the data in which a change of the past was the newest."""
    earlier = Change.objects.seen().filter(published_at__lte=change.published_at)
    return {"data_version": earlier.count(), "data_date": change.published_at.astimezone(UTC).isoformat()}


def dated(response):
    """Tell caches when the data last changed."""
    if date := state()[1]:
        response["Last-Modified"] = http_date(date.timestamp())
    return response


def citation(title, path):
    """How to name a view or a record, with the date of the data: {"text", "bibtex"}."""
    version, date = state()
    date = localtime(date or datetime.now(UTC))
    source = f"{settings.SITE_NAME}, data version {version} of {in_words(date, 'j F Y')}"
    fields = {
        "title": title.translate(BIBTEX_ESCAPES),
        "author": f"{{{settings.SITE_NAME.translate(BIBTEX_ESCAPES)}}}",
        "year": date.year,
        "month": date.month,
        "url": absolute(path),
        "note": f"Data version {version} of {date:%Y-%m-%d}, {LICENCE['name']}",
    }
    key = "-".join([*re.findall(r"[a-z0-9]+", path.partition("?")[0]), f"v{version}"])
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return {
        "text": f"“{title}”. {source}. {absolute(path)} ({LICENCE['name']})",
        "bibtex": f"@misc{{{key},\n" + ",\n".join(lines) + "\n}",
    }
