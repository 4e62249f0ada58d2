"""The list of companies without a framework: its SQL, one query a facet, and HTML by joining strings.

What a careful engineer would write by hand for the same content; nothing is kept between requests.
"""

import csv
import gzip
import io
import json
import os
import sqlite3
import threading
import zlib
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs

local = threading.local()
URL = os.environ["DATABASE_URL"]
PAGE = 24
HUB = ("headquarters", "office")
COLUMNS = {
    "ownership": "c.ownership",
    "hub_link": "c.hub_link",
    "open_source": "c.open_source",
    "place": "c.place_id",
}
MANY = {
    "sector": ("ecosystem_company_sectors", "company_id", "ecosystem_sector", "sector_id"),
    "collection": ("ecosystem_collection_companies", "company_id", "ecosystem_collection", "collection_id"),
    "affected_by": ("ecosystem_challenge_companies", "company_id", "ecosystem_challenge", "challenge_id"),
}
STATED = "EXISTS (SELECT 1 FROM ecosystem_statement s WHERE s.company_id = c.id AND NOT s.draft AND {})"
EVIDENCE = ["s.status = 'disputed'", "s.status = 'unsupported'", "s.status = 'corroborated'"]


def connection():
    if not hasattr(local, "connection"):
        if URL.startswith("sqlite"):
            local.connection = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None)
            local.connection.execute("PRAGMA mmap_size=134217728")
        else:
            import psycopg

            local.connection = psycopg.connect(URL, autocommit=True, row_factory=psycopg.rows.tuple_row)
    return local.connection


def rows(sql, parameters=()):
    if not URL.startswith("sqlite"):
        sql = sql.replace("%", "%%").replace("?", "%s")
    return connection().execute(sql, parameters).fetchall()


def public(alias="c"):
    """The gate, with the clock of now."""
    now = datetime.now(UTC).replace(tzinfo=None if URL.startswith("sqlite") else UTC)
    now = str(now) if URL.startswith("sqlite") else now
    sql = f"{alias}.state = 'published' AND {alias}.published_at <= ?"
    return f"{sql} AND ({alias}.withdraw_at IS NULL OR {alias}.withdraw_at > ?)", [now, now]


def conditions(query, without=None):
    """SQL and parameters of all filters but one."""
    sql, parameters = public()
    if without != "hub_link":
        chosen = query.get("hub_link", HUB)
        sql += f" AND c.hub_link IN ({', '.join('?' * len(chosen))})"
        parameters += chosen
    if "ownership" in query and without != "ownership":
        sql += f" AND c.ownership IN ({', '.join('?' * len(query['ownership']))})"
        parameters += query["ownership"]
    if "sector" in query and without != "sector":
        marks = ", ".join("?" * len(query["sector"]))
        sql += " AND c.id IN (SELECT company_id FROM ecosystem_company_sectors l JOIN ecosystem_sector t"
        sql += f" ON t.id = l.sector_id WHERE t.slug IN ({marks}))"
        parameters += query["sector"]
    if "q" in query:
        word = query["q"][0]
        if URL.startswith("sqlite"):
            found = "SELECT rowid FROM ecosystem_searchfts(?)"
            parameters.append(f'"w{word}"*')
        else:
            found = "SELECT id FROM ecosystem_searchentry WHERE tokens @@ to_tsquery('simple', ?)"
            parameters.append(f"w{word}:*")
        sql += " AND c.id IN (SELECT object_id FROM ecosystem_searchentry e"
        sql += f" WHERE e.kind = 'company' AND e.id IN ({found}))"
    return sql, parameters


def facets(query):
    """{facet: [(value, n)]}"""
    found = {}
    for name, column in COLUMNS.items():
        where, parameters = conditions(query, name)
        sql = f"SELECT {column}, count(*) FROM ecosystem_company c WHERE {where} GROUP BY 1"
        found[name] = rows(sql, parameters)
    for name, (through, near, table, far) in MANY.items():
        where, parameters = conditions(query, name)
        sql = f"SELECT t.name, count(*) FROM ecosystem_company c JOIN {through} l ON l.{near} = c.id"
        sql += f" JOIN {table} t ON t.id = l.{far} WHERE {where} GROUP BY 1 ORDER BY 1"
        found[name] = rows(sql, parameters)
    where, parameters = conditions(query)
    counts = ", ".join(
        f"sum(CASE WHEN {STATED.format(condition)} THEN 1 ELSE 0 END)" for condition in EVIDENCE
    )
    found["evidence"] = list(
        enumerate(rows(f"SELECT {counts} FROM ecosystem_company c WHERE {where}", parameters)[0])
    )
    sql = "SELECT substr(c.founded, 1, 4), count(*) FROM ecosystem_company c"
    sql += f" WHERE {where} GROUP BY 1 ORDER BY 1"
    found["founded"] = rows(sql, parameters)
    return found


CARD = "c.id, c.slug, c.name, c.name_zh, c.summary, c.founded, c.ownership, c.hub_link, p.name"


def page(query, window=True):
    where, parameters = conditions(query)
    start = (int(query.get("page", ["1"])[0]) - 1) * PAGE
    limit = f" LIMIT {PAGE} OFFSET {start}" if window else ""
    sql = f"SELECT {CARD} FROM ecosystem_company c LEFT JOIN ecosystem_place p ON p.id = c.place_id"
    return rows(f"{sql} WHERE {where} ORDER BY c.name, c.id{limit}", parameters)


def linked(keys, sql):
    """{key: [rows behind it]}"""
    found = {key: [] for key in keys}
    marks = ", ".join("?" * len(keys))
    for key, *row in rows(sql.format(marks=marks), list(keys)) if keys else ():
        found[key].append(row)
    return found


SECTORS = """SELECT l.company_id, t.slug, t.name FROM ecosystem_company_sectors l
    JOIN ecosystem_sector t ON t.id = l.sector_id WHERE l.company_id IN ({marks}) ORDER BY t.name"""
STATEMENTS = """SELECT s.company_id, s.id, s.kind, s.label, s.text, s.value, s.unit, s.date, s.status
    FROM ecosystem_statement s WHERE s.company_id IN ({marks}) AND NOT s.draft ORDER BY s.position, s.id"""
SOURCES = """SELECT l.statement_id, t.key, t.title, t.publisher, t.url FROM ecosystem_statement_sources l
    JOIN ecosystem_source t ON t.id = l.source_id WHERE l.statement_id IN ({marks})"""


def card(row, sectors):
    _, slug, name, name_zh, summary, founded, ownership, _, place = row
    meta = "".join(
        f"<span>{escape(str(item))}</span>" for item in (*(s[1] for s in sectors), place, founded) if item
    )
    return (
        f'<li class="card"><span class="seal">{escape(name[:1])}</span><div><h3><a href="/companies/{slug}/">'
        f'{escape(name)}</a> <span lang="zh-Hans">{escape(name_zh)}</span></h3><p>{escape(summary)}</p>'
        f'<p class="meta">{meta}<span>{ownership}</span></p></div></li>'
    )


def html(query):
    shown, counted = page(query), facets(query)
    where, parameters = conditions(query)
    [(total,)] = rows(f"SELECT count(*) FROM ecosystem_company c WHERE {where}", parameters)
    sectors = linked([row[0] for row in shown], SECTORS)
    options = "".join(
        f"<fieldset><legend>{name}</legend>"
        + "".join(
            f'<label><input type="checkbox" name="{name}" value="{escape(str(value))}">'
            f' <span>{escape(str(value))}</span> <span class="count">{n}</span></label>'
            for value, n in found
        )
        + "</fieldset>"
        for name, found in counted.items()
    )
    cards = "".join(card(row, sectors[row[0]]) for row in shown)
    head = f"<!doctype html><title>{total} companies</title><form>{options}</form>"
    return f"{head}<h1>{total}</h1><ol>{cards}</ol>"


def record(slug):
    where, parameters = public()
    sql = f"SELECT {CARD}, c.body FROM ecosystem_company c LEFT JOIN ecosystem_place p ON p.id = c.place_id"
    [(*row, body)] = rows(f"{sql} WHERE c.slug = ? AND {where}", [slug, *parameters])
    stated = linked([row[0]], STATEMENTS)[row[0]]
    sources = linked([item[0] for item in stated], SOURCES)
    told = "".join(
        f"<tr><th>{escape(label)}</th><td>{escape(text or f'{value} {unit}')}</td><td>{status}</td><td>"
        + "".join(f'<a href="{escape(source[3])}">{escape(source[1])}</a>' for source in sources[key])
        + "</td></tr>"
        for key, kind, label, text, value, unit, date, status in stated
    )
    near = linked([row[0]], SECTORS)
    return f"<!doctype html>{card(row, near[row[0]])}<p>{escape(body)}</p><table>{told}</table>"


def data(query):
    shown, counted = page(query), facets(query)
    keys = [row[0] for row in shown]
    sectors, stated = linked(keys, SECTORS), linked(keys, STATEMENTS)
    sources = linked([item[0] for found in stated.values() for item in found], SOURCES)
    records = [
        {
            **dict(
                zip(
                    ("slug", "name", "name_zh", "summary", "founded", "ownership", "link", "place"),
                    row[1:],
                    strict=True,
                )
            ),
            "sectors": [slug for slug, _ in sectors[row[0]]],
            "sources": [source[3] for item in stated[row[0]] for source in sources[item[0]]],
        }
        for row in shown
    ]
    return json.dumps({"facets": counted, "records": records}, indent=1, ensure_ascii=False, default=str)


def table(query):
    """The whole view as CSV, a block of rows at a time."""
    found = page(query, window=False)
    for start in range(0, len(found), 500):
        block = found[start : start + 500]
        keys = [row[0] for row in block]
        sectors, stated = linked(keys, SECTORS), linked(keys, STATEMENTS)
        sources = linked([item[0] for item in (i for f in stated.values() for i in f)], SOURCES)
        text = io.StringIO()
        writer = csv.writer(text)
        for row in block:
            cited = dict.fromkeys(source[3] for item in stated[row[0]] for source in sources[item[0]])
            names = " | ".join(slug for slug, _ in sectors[row[0]])
            statuses = [
                sum(item[7] == status for item in stated[row[0]]) for status in ("reported", "disputed")
            ]
            writer.writerow([*row[1:], names, *statuses, " | ".join(cited)])
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
        return squeezed(table(query))
    if path == "/companies.json":
        body = data(query)
    else:
        body = html(query) if path in ("/", "/companies/") else record(path.split("/")[2])
    body = gzip.compress(body.encode(), 6)
    headers = [
        ("Content-Type", "text/html"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(len(body))),
    ]
    start_response("200 OK", headers)
    return [body]
