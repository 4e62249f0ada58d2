"""The formats of a list. They know columns and rows, and no model."""

import csv
from datetime import UTC, datetime
from functools import partial
from hashlib import md5
from http import HTTPStatus
from itertools import chain

from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from ecosystem.addresses import absolute, printable, tag_uri
from ecosystem.columns import STATEMENT, as_dict
from ecosystem.edition import LICENCE, edition
from ecosystem.plain import blocks

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "statements.csv": "text/csv",
    "atom": "application/atom+xml",
}
CHUNK = 500
LONGEST_FEED = 1000
# Records of one view as a file. Whoever wants more takes the whole data set, which is made once a day.
LONGEST_FILE = 100_000
# The last four are the full-width forms, which some spreadsheets take for the same.
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def open_data(response):
    """Let scripts on other sites read it, and keep it out of search results: the page is there for those."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Link"
    response["X-Robots-Tag"] = "noindex"
    return response


def weak_etag(*parts):
    return f'W/"{md5(repr(parts).encode(), usedforsecurity=False).hexdigest()}"'


def json_response(data, status=200, content_type="application/json"):
    options = {"ensure_ascii": False, "indent": 1}
    return open_data(JsonResponse(data, status=status, content_type=content_type, json_dumps_params=options))


def problem(status, detail, errors=()):
    """An error in the shape of RFC 9457, which asks for the status in words as the title of a nameless type.

    `detail` is a sentence for people; `errors` are (parameter, message) pairs.
    """
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        body["errors"] = [{"parameter": name, "detail": message} for name, message in errors]
    return json_response(body, status, "application/problem+json")


def not_valid(errors):
    """The answer to parameters that a program got wrong, as (name, message) pairs."""
    return problem(400, " ".join(f"{name}: {message}" for name, message in errors), errors)


def render_json(listing):
    page, now = listing.page, datetime.now(UTC).isoformat(timespec="seconds")
    response = json_response(
        {
            "title": listing.words,
            "total": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "next": listing.next_address and absolute(listing.next_address),
            "previous": listing.previous_address and absolute(listing.previous_address),
            "filters": listing.understood,
            "left_out": listing.left_out["number"] if listing.left_out else 0,
            "facets": {
                facet.name: [
                    {"value": option.value, "label": option.label, "count": option.count}
                    for option in facet.offered
                ]
                for facet in listing.facets
            },
            "records": [as_dict(listing.columns, row) for row in listing.told(listing.window)],
            "url": absolute(listing.in_format(None)),
            "licence": LICENCE,
            **edition(),
            "generated_at": now,
        }
    )
    # Without the time of day, its last key, or no two answers would ever be the same.
    response["ETag"] = weak_etag(response.content.rpartition(b"generated_at")[0])
    return response


def cell(value):
    """A value as a spreadsheet may see it: never a formula, a list as `a | b`."""
    if value is None:
        return value
    if isinstance(value, list):
        value = " | ".join(value)
    if isinstance(value, str):
        return f"'{value}" if value[:1] in FORMULA_STARTS else value
    return str(value).lower() if isinstance(value, bool) else value


def cells(column, rows):
    """The cells of a column, many at a time: a tenth of the cost of a call for each."""
    values = map(column.read, rows)
    if column.type in ("integer", "number"):
        return values
    if column.type == "boolean":
        return map(cell, values)
    if column.type == "array":
        values = map(" | ".join, values)
    return [f"'{text}" if text and text[0] in FORMULA_STARTS else text for text in values]


class Lines(list):
    """A file whose lines stay apart, so that they can be streamed."""

    write = list.append


def csv_lines(columns, rows):
    """The lines of a CSV file (RFC 4180) for these rows, as bytes."""
    lines = Lines()
    csv.writer(lines).writerows(zip(*(cells(column, rows) for column in columns), strict=True))
    return list(map(str.encode, lines))


def csv_head(columns):
    """The first line; its byte order mark makes spreadsheets read Chinese names as UTF-8."""
    lines = Lines()
    csv.writer(lines).writerow([column.name for column in columns])
    return f"\ufeff{lines[0]}".encode()


def csv_file(columns, rows):
    """A CSV file in parts: its head, which goes ahead alone, and blocks of lines."""
    return joined(columns, (csv_lines(columns, block) for block in blocks(rows, CHUNK)))


def joined(columns, lines):
    """A head and lists of lines, each in one part: a server would send every line in a packet of its own."""
    return chain([csv_head(columns)], map(b"".join, lines))


def csv_response(listing, columns, parts):
    """A stream of the parts of a file."""
    response = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
    filename = listing.path(listing.suffix).strip("/")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    # A stream has no hash before its end: the version of the data and the form of the file stand for it.
    response["ETag"] = weak_etag(edition(), [column.name for column in columns])
    return open_data(response)


def render_csv(listing):
    """The whole view, one row a record."""
    lines = listing.lines(partial(csv_lines, listing.columns))
    return csv_response(listing, listing.columns, joined(listing.columns, lines))


def render_statements(listing):
    """What is stated about the records of the view, one row a statement."""
    stated = statements_of(listing.told(slice(0, None), "for_export"))
    return csv_response(listing, STATEMENT, csv_file(STATEMENT, stated))


def statements_of(records):
    """Yield their statements; what leads back to itself stays in memory for long, so its ring is broken."""
    for record in records:
        statements = record.statements.all()
        del record.statements
        yield from statements


class Feed(Atom1Feed):
    def latest_post_date(self):
        """An empty feed has the date of the data: that of the request would make it new each time."""
        date = edition()["data_date"]
        return super().latest_post_date() if self.items or not date else datetime.fromisoformat(date)


def render_atom(listing):
    """Every record of the view as a feed (RFC 4287), newest publication first."""
    feed = Feed(
        title=f"{settings.SITE_NAME}: {printable(listing.words)}",
        link=absolute(listing.in_format(None)),
        feed_url=absolute(listing.in_format("atom")),
        description=None,
        language="en",
        feed_guid=tag_uri(listing.in_format("atom")),
        author_name=settings.SITE_NAME,
        feed_copyright=f"{LICENCE['name']} {LICENCE['url']}",
    )
    for row in listing.queryset.order_by("-published_at", "-pk")[:LONGEST_FEED]:
        feed.add_item(
            title=printable(row.name),
            link=absolute(row.get_absolute_url()),
            description=escape(printable(getattr(row, "explanation", row.summary))),
            unique_id=tag_uri(row.get_absolute_url()),
            pubdate=row.published_at,
            updateddate=row.updated_at,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    return open_data(response)


RENDERERS = {
    "json": render_json,
    "csv": render_csv,
    "statements.csv": render_statements,
    "atom": render_atom,
}
# Formats that hold the whole view: a page of them would be a silent half.
WHOLE = ("csv", "statements.csv", "atom")


def is_data(path):
    """Whether a program asks for this address, and wants an error as data too."""
    return path.endswith(tuple(f".{suffix}" for suffix in RENDERERS))
