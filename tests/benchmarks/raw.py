"""The portal without a framework: its SQL, and HTML by joining strings; nothing is kept between requests.

What a careful engineer would write by hand for the same content: `tests/test_benchmarks.py` sees that its
files are the portal's, value by value.
"""

import csv
import gzip
import io
import json
import zlib
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs

from tests.benchmarks import raw_sql as sql

SITE = "http://localhost"
LABELS = {
    "headquarters": "Headquartered here",
    "office": "Major office here",
    "linked": "Linked only",
    "unknown": "Not known",
    "private": "Private",
    "public": "Public",
    "subsidiary": "Subsidiary",
    "acquired": "Acquired",
    "closed": "Closed",
    "under-50": "Under 50 people",
    "50-249": "50 to 249 people",
    "250-999": "250 to 999 people",
    "1000-9999": "1,000 to 9,999 people",
    "10000-up": "10,000 people and more",
}
STATUSES = ("corroborated", "reported", "self-reported", "disputed", "unsupported")
NAMES = ["slug", "name", "name_zh", "summary", "legal_name", "other_names", "founded", "place", "place_name"]
NAMES += ["headquarters_city", "hub_link", "hub_link_label", "ownership", "ownership_label", "exchange"]
NAMES += ["ticker", "parent", "parent_name", "sectors", "sector_names", "website", "size_band"]
NAMES += ["size_band_label", "open_source", *(f"statements_{word.replace('-', '_')}" for word in STATUSES)]
NAMES += ["sources", "url", "previous_slugs", "published_at", "updated_at", "checked_on"]
PAGES = ("landscape", "timeline", "companies", "breakthroughs", "challenges", "factors", "places", "checked")
PAGES += ("sources", "sectors", "institutions", "collections", "hubs", "compare", "changes", "corrections")
SHELL = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=width=device-width>"
SHELL += (
    "<link rel=stylesheet href=/static/ecosystem/site.css><script type=module src=/static/ecosystem/site.js>"
)
SHELL += (
    "</script><a class=skip href=#main>Skip to the content</a><header><form action=/search/><input name=q>"
)
SHELL += "<button>Search</button></form></header><nav><ul>"
SHELL += "".join(f'<li><a href="/{page}/">{page.capitalize()}</a></li>' for page in PAGES) + "</ul></nav>"
FORMATS = '<p>This view as <a href="/companies.json">JSON</a>, <a href="/companies.csv">CSV</a></p>'


def card(row, sectors):
    _, slug, name, name_zh, summary, founded, ownership, _, place = row
    told = (*(sector[1] for sector in sectors), place, founded, LABELS.get(ownership))
    meta = "".join(f"<span>{escape(str(item))}</span>" for item in told if item)
    return (
        f'<li class="card"><span class="seal">{escape(name[:1])}</span><div><h3><a href="/companies/{slug}/">'
        f'{escape(name)}</a> <span lang="zh-Hans">{escape(name_zh)}</span></h3><p>{escape(summary)}</p>'
        f'<p class="meta">{meta}</p></div></li>'
    )


def option(name, value, n):
    value = escape(str(value))
    return (
        f'<label><input type="checkbox" name="{name}" value="{value}"> <span>{value}</span>'
        f' <span class="count">{n}</span></label>'
    )


def chart(title, counts):
    """Bars, and the table of their numbers."""
    most = max((n for _, n in counts), default=1)
    bars = "".join(
        f'<rect class="bar" x="{place * 12}" y="{150 - n / most * 130:.1f}" width="10"'
        f' height="{n / most * 130:.1f}"/><text x="{place * 12}" y="168">{escape(str(value))}</text>'
        for place, (value, n) in enumerate(counts)
    )
    numbers = "".join(f"<tr><th>{escape(str(value))}</th><td>{n}</td></tr>" for value, n in counts)
    return f"<figure><figcaption>{title}</figcaption><svg>{bars}</svg><table>{numbers}</table></figure>"


def list_page(query):
    shown, counted, total = sql.cards(query), sql.facets(query), sql.total(query)
    sectors = sql.linked([row[0] for row in shown], sql.SECTORS)
    fields = "".join(
        f"<fieldset><legend>{name}</legend>{''.join(option(name, *pair) for pair in found)}</fieldset>"
        for name, found in counted.items()
        if name != "founded"
    )
    rows = "".join(card(row, sectors[row[0]]) for row in shown)
    charts = chart("By founding year", counted["founded"]) + chart("By sector", counted["sector"])
    head = f"{SHELL}<title>{total} companies</title><main><form>{fields}</form><h1>{total} companies</h1>"
    return f"{head}<ol>{rows}</ol>{charts}{FORMATS}</main>"


def record_page(slug):
    gate, times = sql.public()
    find = f"SELECT {sql.CARD}, c.body, c.website, c.updated_at FROM {sql.CARD_TABLES}"
    [(*row, body, website, updated)] = sql.rows(f"{find} WHERE c.slug = ? AND {gate}", [slug, *times])
    key = row[0]
    stated = sql.linked([key], sql.STATEMENTS)[key]
    sources = sql.linked([item[0] for item in stated], sql.SOURCES)
    prose, sectors = sql.linked([key], sql.PROSE)[key], sql.linked([key], sql.SECTORS)[key]
    cited = list(
        dict.fromkeys(map(tuple, [*prose, *(source for group in sources.values() for source in group)]))
    )
    numbers = {source[0]: number for number, source in enumerate(cited, start=1)}
    told = "".join(
        f'<tr id="{reference}"><th>{escape(label)}</th><td>{escape(text or f"{value} {unit}")}</td>'
        f'<td>{date}</td><td class="status-{status}">{status}'
        f' <a href="/corrections/new/?record=company/{slug}&amp;statement={reference}">Report a problem'
        f" with: {escape(label)}</a></td><td>"
        + " ".join(f'<a href="#source-{numbers[s[0]]}">{numbers[s[0]]}</a>' for s in sources[statement])
        + "</td></tr>"
        for statement, _, label, text, value, unit, date, status, reference in stated
    )
    listed = "".join(
        f'<li id="source-{number}"><a href="/sources/{name}/">{escape(title)}</a> {escape(publisher)},'
        f' {published} · {kind} · {language} · <a href="{escape(url)}">original of source {number}</a></li>'
        for number, (name, title, publisher, url, published, kind, language) in enumerate(cited, start=1)
    )
    line = "".join(f"<li>{item[6]} {escape(item[2])}</li>" for item in stated if item[6])
    data = {"@context": "https://schema.org", "@type": "Organization", "name": row[2], "description": row[4]}
    head = (
        f"{SHELL}<title>{escape(row[2])}</title><script type=application/ld+json>{json.dumps(data)}</script>"
    )
    body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in body.split("\n\n"))
    return (
        f'{head}<main><article>{card(row, sectors)}<p>{updated} <a href="{escape(website)}">website</a></p>'
        f"{body}<table>{told}</table><ol>{line}</ol>{related(key)}<ol>{listed}</ol>{FORMATS}</article></main>"
    )


def related(key):
    """Other records that the page shows or names."""
    through = "ecosystem_breakthrough_companies"
    achieved = sql.tied([key], "ecosystem_breakthrough", through, "company_id", "breakthrough_id")[key]
    keys = [row[0] for row in achieved]
    by = sql.tied(keys, "ecosystem_company", through, "breakthrough_id", "company_id")
    places = "ecosystem_breakthrough_institutions"
    at = sql.tied(keys, "ecosystem_institution", places, "breakthrough_id", "institution_id")
    html = ""
    for own, slug, name, summary in achieved:
        meta = "".join(f"<span>{escape(other[2])}</span>" for other in [*by[own], *at[own]])
        html += f'<li class="card"><h3><a href="/breakthroughs/{slug}/">{escape(name)}</a></h3>'
        html += f'<p>{escape(summary)}</p><p class="meta">{meta}</p></li>'
    for noun in ("challenge", "collection"):
        pair = f"ecosystem_{noun}", f"ecosystem_{noun}_companies", "company_id", f"{noun}_id"
        for _, slug, name, _ in sql.tied([key], *pair)[key]:
            html += f'<li><a href="/{noun}s/{slug}/">{escape(name)}</a></li>'
    gate, times = sql.public()
    below = f"SELECT c.slug, c.name FROM ecosystem_company c WHERE c.parent_id = ? AND {gate} ORDER BY c.name"
    for slug, name in sql.rows(below, [key, *times]):
        html += f'<li>Subsidiary: <a href="/companies/{slug}/">{escape(name)}</a></li>'
    for slug, name, name_zh, _ in sql.similar(key):
        html += f'<li><a href="/companies/{slug}/">{escape(name)}</a> {escape(name_zh)}</li>'
    return f"<ul>{html}</ul>"


def instant(value):
    if isinstance(value, str):
        return f"{value[:10]}T{value[11:19]}+00:00"
    return value.astimezone(UTC).isoformat(timespec="seconds")


def records(found):
    """The published columns of rows of `whole`, as lists in the order of NAMES."""
    keys = [row[0] for row in found]
    sectors, stated = sql.linked(keys, sql.SECTORS), sql.linked(keys, sql.STATUSES)
    urls = sql.linked([item[0] for group in stated.values() for item in group], sql.URLS)
    prose, before = sql.linked(keys, sql.PROSE_URLS), sql.linked(keys, sql.BEFORE)
    for key, slug, *row in found:
        name, name_zh, summary, legal_name, others, founded, place, place_name, city, link, owner, *row = row
        exchange, ticker, above, above_name, website, band, is_open, published, updated, checked = row
        statuses = [status for _, status in stated[key]]
        cited = dict.fromkeys(
            url for (url,) in [*prose[key], *(u for item, _ in stated[key] for u in urls[item])]
        )
        texts = [
            slug,
            name,
            name_zh,
            summary,
            legal_name,
            others.splitlines(),
            founded,
            place,
            place_name,
            city,
        ]
        texts += [link, LABELS.get(link), owner, LABELS.get(owner), exchange, ticker, above, above_name]
        texts += [[sector for sector, _ in sectors[key]], [sector for _, sector in sectors[key]], website]
        texts += [band, LABELS.get(band), None if is_open is None else bool(is_open)]
        counts = [statuses.count(status) for status in STATUSES]
        last = [list(cited), f"{SITE}/companies/{slug}/", [slug for (slug,) in before[key]]]
        last += [instant(published), instant(updated), checked and str(checked)]
        yield [None if value == "" else value for value in [*texts, *counts, *last]]


def as_json(query):
    start = (int(query.get("page", ["1"])[0]) - 1) * sql.PAGE
    found, counted = sql.whole(query, f" LIMIT {sql.PAGE} OFFSET {start}"), sql.facets(query)
    data = {
        "total": sql.total(query),
        "facets": {
            name: [{"value": value, "label": value, "count": n} for value, n in pairs]
            for name, pairs in counted.items()
        },
        "records": [dict(zip(NAMES, row, strict=True)) for row in records(found)],
        "generated_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(data, indent=1, ensure_ascii=False)


def cell(value):
    if isinstance(value, list):
        value = " | ".join(value)
    if isinstance(value, str):
        return f"'{value}" if value[:1] in "=+-@\t\r\n＝＋－＠" and value else value
    return str(value).lower() if isinstance(value, bool) else value


def as_csv(query):
    """The whole view, a block of rows at a time."""
    found = sql.whole(query)
    yield ("\ufeff" + ",".join(NAMES) + "\r\n").encode()
    for start in range(0, len(found), 500):
        text = io.StringIO()
        csv.writer(text).writerows(
            [cell(value) for value in row] for row in records(found[start : start + 500])
        )
        yield text.getvalue().encode()


def squeezed(parts):
    tool = zlib.compressobj(1, wbits=31)
    for part in parts:
        yield tool.compress(part)
    yield tool.flush()


def application(environ, start_response):
    path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""))
    if path == "/companies.csv":
        start_response("200 OK", [("Content-Type", "text/csv"), ("Content-Encoding", "gzip")])
        return squeezed(as_csv(query))
    if path == "/companies.json":
        body = as_json(query)
    else:
        body = list_page(query) if path == "/companies/" else record_page(path.split("/")[2])
    body = gzip.compress(body.encode(), 6)
    length = ("Content-Length", str(len(body)))
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), length])
    return [body]
