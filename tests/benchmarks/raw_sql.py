"""The SQL of the raw contestant: what one would ask by hand for the same content, one query a facet."""

import os
import sqlite3
import threading
from datetime import UTC, datetime

local = threading.local()
URL = os.environ["DATABASE_URL"]
PAGE = 24
HUB = ("headquarters", "office")
COLUMNS = {
    "ownership": "c.ownership",
    "hub_link": "c.hub_link",
    "open_source": "c.open_source",
    "place": "(SELECT p.name FROM ecosystem_place p WHERE p.id = c.place_id)",
}
MANY = {
    "sector": ("ecosystem_company_sectors", "company_id", "ecosystem_sector", "sector_id"),
    "collection": ("ecosystem_collection_companies", "company_id", "ecosystem_collection", "collection_id"),
    "affected_by": ("ecosystem_challenge_companies", "company_id", "ecosystem_challenge", "challenge_id"),
}
STATED = "EXISTS (SELECT 1 FROM ecosystem_statement s WHERE s.company_id = c.id AND NOT s.draft AND {})"
EVIDENCE = {
    "disputed": STATED.format("s.status = 'disputed'"),
    "unsupported": STATED.format("s.status = 'unsupported'"),
    "corroborated": STATED.format("s.status = 'corroborated'")
    + " AND NOT "
    + STATED.format("s.status <> 'corroborated'"),
}


def connection():
    if not hasattr(local, "connection"):
        if URL.startswith("sqlite"):
            local.connection = sqlite3.connect(URL.removeprefix("sqlite:///"), isolation_level=None)
            local.connection.execute("PRAGMA cache_size=-20000")
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
        sql += f" AND c.hub_link IN ({marks(chosen)})"
        parameters += chosen
    if "ownership" in query and without != "ownership":
        sql += f" AND c.ownership IN ({marks(query['ownership'])})"
        parameters += query["ownership"]
    if "sector" in query and without != "sector":
        sql += " AND c.id IN (SELECT company_id FROM ecosystem_company_sectors l JOIN ecosystem_sector t"
        sql += f" ON t.id = l.sector_id WHERE t.slug IN ({marks(query['sector'])}))"
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


def marks(values):
    return ", ".join("?" * len(values))


def facets(query):
    """{facet: [(value, n)]}"""
    found = {}
    for name, column in COLUMNS.items():
        where, parameters = conditions(query, name)
        found[name] = rows(
            f"SELECT {column}, count(*) FROM ecosystem_company c WHERE {where} GROUP BY 1", parameters
        )
    for name, (through, near, table, far) in MANY.items():
        where, parameters = conditions(query, name)
        sql = f"SELECT t.name, count(*) FROM ecosystem_company c JOIN {through} l ON l.{near} = c.id"
        sql += f" JOIN {table} t ON t.id = l.{far} WHERE {where} GROUP BY 1 ORDER BY 1"
        found[name] = rows(sql, parameters)
    where, parameters = conditions(query)
    counts = ", ".join(f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition in EVIDENCE.values())
    [row] = rows(f"SELECT {counts} FROM ecosystem_company c WHERE {where}", parameters)
    found["evidence"] = list(zip(EVIDENCE, row, strict=True))
    sql = "SELECT substr(c.founded, 1, 4), count(*) FROM ecosystem_company c"
    sql += f" WHERE {where} GROUP BY 1 ORDER BY 1"
    found["founded"] = rows(sql, parameters)
    return found


def total(query):
    where, parameters = conditions(query)
    return rows(f"SELECT count(*) FROM ecosystem_company c WHERE {where}", parameters)[0][0]


CARD = "c.id, c.slug, c.name, c.name_zh, c.summary, c.founded, c.ownership, c.hub_link, p.name"
CARD_TABLES = "ecosystem_company c LEFT JOIN ecosystem_place p ON p.id = c.place_id"
WHOLE = """c.id, c.slug, c.name, c.name_zh, c.summary, c.legal_name, c.other_names, c.founded, p.slug, p.name,
    c.headquarters_city, c.hub_link, c.ownership, c.exchange, c.ticker, a.slug, a.name, c.website,
    c.size_band, c.open_source, c.published_at, c.updated_at, c.checked_on"""


def cards(query):
    """The rows of a page, with what a card shows."""
    where, parameters = conditions(query)
    start = (int(query.get("page", ["1"])[0]) - 1) * PAGE
    sql = f"SELECT {CARD} FROM {CARD_TABLES} WHERE {where} ORDER BY c.name, c.id LIMIT {PAGE} OFFSET {start}"
    return rows(sql, parameters)


def whole(query, limit=""):
    """Rows with all that is told of a company but what hangs on it."""
    where, parameters = conditions(query)
    above, times = public("a")
    sql = f"SELECT {WHOLE} FROM {CARD_TABLES}"
    sql += f" LEFT JOIN ecosystem_company a ON a.id = c.parent_id AND {above}"
    return rows(f"{sql} WHERE {where} ORDER BY c.name, c.id{limit}", [*times, *parameters])


def linked(keys, sql, parameters=()):
    """{key: [rows behind it]}"""
    found = {key: [] for key in keys}
    for key, *row in rows(sql.format(marks=marks(keys)), [*keys, *parameters]) if keys else ():
        found[key].append(row)
    return found


SECTORS = """SELECT l.company_id, t.slug, t.name FROM ecosystem_company_sectors l
    JOIN ecosystem_sector t ON t.id = l.sector_id WHERE l.company_id IN ({marks}) ORDER BY t.name"""
STATEMENTS = """SELECT s.company_id, s.id, s.kind, s.label, s.text, s.value, s.unit, s.date, s.status,
    s.reference FROM ecosystem_statement s WHERE s.company_id IN ({marks}) AND NOT s.draft
    ORDER BY s.position, s.id"""
STATUSES = """SELECT s.company_id, s.id, s.status FROM ecosystem_statement s
    WHERE s.company_id IN ({marks}) AND NOT s.draft ORDER BY s.position, s.id"""
SOURCES = """SELECT l.statement_id, t.key, t.title, t.publisher, t.url, t.published, t.kind, t.language
    FROM ecosystem_statement_sources l JOIN ecosystem_source t ON t.id = l.source_id
    WHERE l.statement_id IN ({marks})
    ORDER BY t.publisher, t.title, t.id"""
URLS = """SELECT l.statement_id, t.url FROM ecosystem_statement_sources l
    JOIN ecosystem_source t ON t.id = l.source_id WHERE l.statement_id IN ({marks})
    ORDER BY t.publisher, t.title, t.id"""
PROSE = """SELECT l.company_id, t.key, t.title, t.publisher, t.url, t.published, t.kind, t.language
    FROM ecosystem_company_sources l JOIN ecosystem_source t ON t.id = l.source_id
    WHERE l.company_id IN ({marks})
    ORDER BY t.publisher, t.title, t.id"""
PROSE_URLS = """SELECT l.company_id, t.url FROM ecosystem_company_sources l
    JOIN ecosystem_source t ON t.id = l.source_id WHERE l.company_id IN ({marks})
    ORDER BY t.publisher, t.title, t.id"""
BEFORE = """SELECT company_id, slug FROM ecosystem_previousslug WHERE company_id IN ({marks}) ORDER BY slug"""
# What a record page shows of others. {table} and {through} are tied by {near}, its own key is {far}.
TIED = """SELECT l.{near}, t.id, t.slug, t.name, t.summary FROM {through} l JOIN {table} t ON t.id = l.{far}
    WHERE l.{near} IN ({marks}) AND {gate} ORDER BY t.name"""
SIMILAR = """SELECT c.slug, c.name, c.name_zh, count(*) FROM ecosystem_company_sectors l
    JOIN ecosystem_company c ON c.id = l.company_id WHERE l.sector_id IN
    (SELECT sector_id FROM ecosystem_company_sectors WHERE company_id = ?) AND c.id <> ?
    AND c.hub_link IN ('headquarters', 'office') AND {} GROUP BY c.id, c.slug, c.name, c.name_zh
    ORDER BY 4 DESC, c.name, c.id LIMIT 6"""


def tied(keys, table, through, near, far):
    """{key: [(id, slug, name, summary)]} of public records."""
    gate, times = public("t")
    sql = TIED.format(table=table, through=through, near=near, far=far, gate=gate, marks="{marks}")
    return linked(keys, sql, times)


def similar(key):
    gate, times = public()
    return rows(SIMILAR.format(gate), [key, key, *times])
