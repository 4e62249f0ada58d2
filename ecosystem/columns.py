"""What each model publishes as data, once: JSON, CSV, the field dictionary and OpenAPI all read it."""

from ecosystem.column_kinds import (
    COUNT,
    FLAG,
    LINK,
    LINKS,
    NUMBER,
    PARTIAL_DATE,
    WORD,
    WORDS,
    above,
    address,
    choice,
    column,
    day,
    instant,
    linked,
    number,
)
from ecosystem.models import (
    Breakthrough,
    Challenge,
    Change,
    Collection,
    Company,
    Factor,
    Hub,
    Institution,
    Place,
    Sector,
    Source,
    Statement,
)

PAGE = column("url", "Address of the page here", address, LINK)

NAMES = (
    column("slug", "Permanent name, part of the address", schema=WORD),
    column("name", "English name or title", schema=WORD),
    column("name_zh", "Chinese name"),
)
IDENTITY = (*NAMES, column("summary", "What it is, in a sentence"))

RECORD = (
    *(
        column(
            f"statements_{status.value.replace('-', '_')}",
            f"Number of statements that are {status.label.lower()}",
            lambda row, status=status: row.statuses.count(status),
            COUNT,
        )
        for status in Statement.Status
    ),
    column("sources", "Addresses of all sources cited on the page", lambda row: list(row.cited), LINKS),
    PAGE,
    column(
        "previous_slugs",
        "Slugs that it had before; their addresses lead here",
        lambda row: [previous.slug for previous in row.previous_slugs.all()],
        WORDS,
    ),
    instant("published_at", "Published here (ISO 8601, UTC)"),
    instant("updated_at", "Last changed here (ISO 8601, UTC)"),
    day("checked_on", "Day on which a person last re-read the sources"),
)

SECTORS = linked("sectors", "sector_names", "Sectors")
COMPANIES = linked("companies", "company_names", "Companies")
SITE = above("place", "Place in the hub", "places")

COMPANY = (
    *IDENTITY,
    column("legal_name", "Legal name"),
    column("other_names", "Former names, brands, spellings", lambda row: row.other_names.splitlines(), WORDS),
    column("founded", "Founded: year, month or day, as far as it is known", schema=PARTIAL_DATE),
    *SITE,
    column("headquarters_city", "City of the head office"),
    *choice(Company, "hub_link", "How it is tied to the hub"),
    *choice(Company, "ownership", "Ownership"),
    column("exchange", "Stock exchange"),
    column("ticker", "Ticker"),
    *above("parent", "Parent company", "companies"),
    *SECTORS,
    column("website", "Its own site"),
    *choice(Company, "size_band", "Number of people, in bands"),
    column("open_source", "Whether it publishes code or model weights under an open licence", schema=FLAG),
    *RECORD,
)

BREAKTHROUGH = (
    *IDENTITY,
    column("date", "Year, month or day, as far as it is known", schema=PARTIAL_DATE),
    *choice(Breakthrough, "kind", "What sort of achievement"),
    *COMPANIES,
    *linked("institutions", "institution_names", "Institutions"),
    *SECTORS,
    *RECORD,
)

CHALLENGE = (
    *IDENTITY,
    *choice(Challenge, "category", "Category"),
    *choice(Challenge, "severity", "How heavily it weighs"),
    column("severity_reason", "Why that severity"),
    *choice(Challenge, "trend", "Where it is going"),
    column("trend_reason", "Why that trend"),
    column("since", "Since when", schema=PARTIAL_DATE),
    *COMPANIES,
    *SECTORS,
    *RECORD,
)

FACTOR = (*IDENTITY, *choice(Factor, "kind", "Kind"), *RECORD)
INSTITUTION = (*IDENTITY, *choice(Institution, "kind", "What sort of institution"), *SITE, *RECORD)
COLLECTION = (*IDENTITY, *COMPANIES, *RECORD)
HUB = (
    *IDENTITY,
    column("country", "Country"),
    column("is_home", "Whether it is the hub of this portal", schema={"type": "boolean"}),
    *RECORD,
)

# Only where a record comes whole: a list of a thousand would be mostly prose.
BODY = column("body", "The text of the page (Markdown)")

DEFINITION = column("definition", "What belongs into it")
SECTOR = (*NAMES, DEFINITION, PAGE)
PLACE = (
    *NAMES,
    *choice(Place, "kind", "Kind"),
    *above("parent", "The place that contains it", "places"),
    DEFINITION,
    column("latitude", "Degrees north (WGS-84)", lambda row: number(row.latitude), NUMBER),
    column("longitude", "Degrees east (WGS-84)", lambda row: number(row.longitude), NUMBER),
    column("coordinate_note", "Where the coordinates come from"),
    column(
        "sources", "Addresses of its sources", lambda row: [source.url for source in row.sources.all()], LINKS
    ),
    PAGE,
)

SOURCE = (
    column("key", "Permanent name, part of the address", schema=WORD),
    column("title", "Title"),
    column("publisher", "Who put the page up"),
    column("origin", "Whose text it is, where the page is a copy"),
    column("published", "Date of publication, as far as it is known", schema=PARTIAL_DATE),
    column("language", "Language (BCP 47)"),
    *choice(Source, "kind", "What sort of document"),
    column("source_url", "Address of the document", lambda row: row.url, LINK),
    column("archive_url", "Archived copy"),
    column("note", "Note"),
    PAGE,
)

STATEMENT = (
    column("reference", "Permanent name of the statement", schema=WORD),
    column("record_type", "What sort of record it is about", lambda row: row.subject._meta.model_name, WORD),
    column("record", "The record that it is about (slug)", lambda row: row.subject.slug, WORD),
    column("record_name", "Name of that record", lambda row: row.subject.name, WORD),
    *choice(Statement, "kind", "What sort of statement"),
    column("key", "What it states, as a permanent word"),
    column("label", "What it states, for readers"),
    column("text", "What is stated, in words"),
    column("value", "The number, where it is one", lambda row: number(row.value), NUMBER),
    column("unit", "Unit of the number; “none” for a bare count"),
    column("date", "As of, or when it happened", schema=PARTIAL_DATE),
    column("actor", "Who responds, or who measured"),
    *choice(Statement, "status", "How well it is supported"),
    column("note", "Doubts and context; for a checked claim the finding"),
    day("checked_on", "Day on which a person last re-read its sources"),
    column("sources", "Keys of its sources", lambda row: [source.key for source in row.sources.all()], WORDS),
    column(
        "source_urls",
        "Addresses of its sources",
        lambda row: [source.url for source in row.sources.all()],
        LINKS,
    ),
    PAGE,
)

CHANGE = (
    instant("published_at", "When readers could first see it (ISO 8601, UTC)"),
    column("record_type", "What sort of record changed", lambda row: row.kind, WORD),
    column("record", "The record (slug or key), unless it is gone", lambda row: row.record_key),
    column("record_name", "Its name today, or what sort of record it was", schema=WORD),
    *choice(Change, "action", "What happened"),
    column("changed", "The names of the fields that changed", lambda row: row.summary),
    column("reason", "Why, where a reason was given"),
    PAGE,
)

# What a whole record links to; every relation here is loaded by for_detail(), public rows alone.
RELATIONS = {
    Company: ("sectors", "place", "parent", "subsidiaries", "breakthroughs", "challenges", "collections"),
    Breakthrough: ("companies", "institutions", "sectors"),
    Challenge: ("companies", "sectors"),
    Factor: (),
    Institution: ("place", "breakthroughs"),
    Collection: ("companies",),
    Hub: (),
}


def links(record):
    """The rows that a record is tied to: {relation: [link]}."""
    return {name: [link(row) for row in reached(record, name)] for name in RELATIONS[record._meta.model]}


def link(row):
    """A row as another one points to it."""
    return {"slug": row.slug, "name": row.name, "url": address(row)}


def reached(record, name):
    """The rows at the other end, also where there is at most one."""
    other = getattr(record, name)
    return other.all() if hasattr(other, "all") else [other] if other else []


def as_dict(columns, row):
    """A row as {column name: value}."""
    return {column.name: column.value(row) for column in columns}


# The whole data set, in the order of its files.
TABLES = {
    Company: (*COMPANY, BODY),
    Breakthrough: (*BREAKTHROUGH, BODY),
    Challenge: (*CHALLENGE, BODY),
    Factor: (*FACTOR, BODY),
    Institution: (*INSTITUTION, BODY),
    Collection: (*COLLECTION, BODY),
    Hub: (*HUB, BODY),
    Statement: STATEMENT,
    Source: SOURCE,
    Sector: SECTOR,
    Place: PLACE,
}
