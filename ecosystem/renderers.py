"""The formats of a list. They know columns and rows, and no model."""

import csv
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from ecosystem.addresses import absolute, tag_uri
from ecosystem.columns import as_dict

LICENCE = {
    "name": "CC BY 4.0",
    "url": "https://creativecommons.org/licenses/by/4.0/",
    "excludes": "Quotations, names and marks of others stay theirs.",
}
CHUNK = 500
LONGEST_FEED = 1000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def json_response(data, status=200, content_type="application/json"):
    return JsonResponse(
        data, status=status, content_type=content_type, json_dumps_params={"ensure_ascii": False, "indent": 1}
    )


def problem(status, title, errors=()):
    """An error in the shape of RFC 9457; `errors` are (parameter, message) pairs."""
    body = {"type": "about:blank", "title": title, "status": status}
    if errors:
        body["detail"] = "; ".join(f"{name}: {message}" for name, message in errors)
        body["errors"] = [{"parameter": name, "detail": message} for name, message in errors]
    return json_response(body, status, "application/problem+json")


def render_json(listing):
    page = listing.page
    return json_response(
        {
            "title": listing.words,
            "total": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "next": listing.next_address and absolute(listing.next_address),
            "previous": listing.previous_address and absolute(listing.previous_address),
            "filters": listing.understood,
            "facets": {
                facet.name: [
                    {"value": option.value, "label": option.label, "count": option.count}
                    for option in facet.options
                ]
                for facet in listing.facets
            },
            "records": [as_dict(listing.columns, row) for row in page.object_list.for_export()],
            "url": absolute(listing.in_format(None)),
            "licence": LICENCE,
            "generated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def cell(value):
    """A value as a spreadsheet may see it: never a formula, a list as `a | b`."""
    if isinstance(value, list):
        value = " | ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


class Echo:
    """A file whose write hands the line back, so that it can be streamed."""

    def write(self, line):
        return line


def csv_lines(listing):
    writer = csv.writer(Echo())
    # The byte order mark makes spreadsheets read Chinese names as UTF-8.
    yield "\ufeff" + writer.writerow([column.name for column in listing.columns])
    for row in listing.queryset.for_export().iterator(chunk_size=CHUNK):
        yield writer.writerow([cell(column.value(row)) for column in listing.columns])


def render_csv(listing):
    response = StreamingHttpResponse(csv_lines(listing), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{listing.noun}.csv"'
    return response


def render_atom(listing):
    """Every record of the view as a feed (RFC 4287), newest publication first."""
    feed = Atom1Feed(
        title=f"{settings.SITE_NAME}: {listing.words}",
        link=absolute(listing.in_format(None)),
        feed_url=absolute(listing.in_format("atom")),
        description=None,
        feed_guid=tag_uri(listing.in_format("atom")),
        author_name=settings.SITE_NAME,
        feed_copyright=f"{LICENCE['name']} {LICENCE['url']}",
    )
    for row in listing.queryset.order_by("-published_at", "-pk")[:LONGEST_FEED]:
        feed.add_item(
            title=row.name,
            link=absolute(row.get_absolute_url()),
            description=escape(row.summary),
            unique_id=tag_uri(row.get_absolute_url()),
            pubdate=row.published_at,
            updateddate=row.updated_at,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    return response


RENDERERS = {"json": render_json, "csv": render_csv, "atom": render_atom}
# Formats that hold the whole view: a page of them would be a silent half.
WHOLE = ("csv", "atom")
