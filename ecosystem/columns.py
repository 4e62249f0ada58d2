"""What each model publishes as data. JSON keys and CSV headers both read it, in this order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ecosystem.addresses import absolute
from ecosystem.models import Statement


@dataclass(frozen=True)
class Column:
    """One published field. `value` turns the object into text, a number, a truth value, a list or None."""

    name: str
    description: str
    value: Callable[[Any], Any]


def column(name, description, value=None):
    """A column; without `value` it is the attribute of that name, an empty text being None."""
    return Column(name, description, value or (lambda row: plain(getattr(row, name))))


def plain(value):
    return None if value == "" else value


def when(value):
    return value and value.isoformat()


def slugs(name, description):
    return column(
        name, f"{description} (slugs)", lambda row: [item.slug for item in getattr(row, name).all()]
    )


def names(relation, name, description):
    return column(name, description, lambda row: [item.name for item in getattr(row, relation).all()])


def statuses(row):
    """How many statements of each status a record has: {status: n}."""
    return Counter(statement.status for statement in row.statements.all())


def cited(row):
    """Addresses of the sources of a record's prose and statements, each once."""
    groups = [row.sources.all(), *(statement.sources.all() for statement in row.statements.all())]
    return list(dict.fromkeys(source.url for group in groups for source in group))


def address(row):
    return absolute(row.get_absolute_url())


IDENTITY = (
    column("slug", "Permanent name, part of the address"),
    column("name", "English name or title"),
    column("name_zh", "Chinese name"),
    column("summary", "What it is, in a sentence"),
)

RECORD = (
    *(
        column(
            f"statements_{status.value.replace('-', '_')}",
            f"Number of statements that are {status.label.lower()}",
            lambda row, status=status: statuses(row)[status],
        )
        for status in Statement.Status
    ),
    column("sources", "Addresses of all sources cited on the page", cited),
    column("url", "Address of the page", address),
    column("published_at", "Published here (ISO 8601, UTC)", lambda row: when(row.published_at)),
    column("updated_at", "Last changed here (ISO 8601, UTC)", lambda row: when(row.updated_at)),
    column("checked_on", "Day on which a person last re-read the sources", lambda row: when(row.checked_on)),
)

PLACE = (
    column("place", "Place in the hub (slug)", lambda row: row.place and row.place.slug),
    column("place_name", "Place in the hub", lambda row: row.place and row.place.name),
)

SECTORS = (slugs("sectors", "Sectors"), names("sectors", "sector_names", "Sectors (names)"))
COMPANIES = (slugs("companies", "Companies"), names("companies", "company_names", "Companies (names)"))

COMPANY = (
    *IDENTITY,
    column("legal_name", "Legal name"),
    column("other_names", "Former names, brands, spellings", lambda row: row.other_names.splitlines()),
    column("founded", "Founded: year, month or day, as far as it is known"),
    *PLACE,
    column("headquarters_city", "City of the head office"),
    column("hub_link", "How it is tied to the hub: headquarters, office, linked, unknown"),
    column("ownership", "private, public, subsidiary, acquired or closed"),
    column("exchange", "Stock exchange"),
    column("ticker", "Ticker"),
    column("parent", "Parent company (slug)", lambda row: row.parent and row.parent.slug),
    *SECTORS,
    column("website", "Its own site"),
    column("size_band", "Number of people, in bands"),
    column("open_source", "Whether it publishes code or model weights under an open licence"),
    *RECORD,
)

BREAKTHROUGH = (
    *IDENTITY,
    column("date", "Year, month or day, as far as it is known"),
    column("kind", "What sort of achievement"),
    *COMPANIES,
    slugs("institutions", "Institutions"),
    *SECTORS,
    *RECORD,
)

CHALLENGE = (
    *IDENTITY,
    column("category", "Category"),
    column("severity", "high, medium or low"),
    column("severity_reason", "Why"),
    column("trend", "worsening, steady or easing"),
    column("trend_reason", "Why"),
    column("since", "Since when"),
    *COMPANIES,
    *SECTORS,
    *RECORD,
)

FACTOR = (*IDENTITY, column("kind", "driver or advantage"), *RECORD)
INSTITUTION = (*IDENTITY, column("kind", "What sort of institution"), *PLACE, *RECORD)
COLLECTION = (*IDENTITY, *COMPANIES, *RECORD)
HUB = (*IDENTITY, column("country", "Country"), column("is_home", "The hub of this portal"), *RECORD)

SOURCE = (
    column("key", "Permanent name, part of the address"),
    column("title", "Title"),
    column("publisher", "Who put the page up"),
    column("origin", "Whose text it is, where the page is a copy"),
    column("published", "Date of publication, as far as it is known"),
    column("language", "Language (BCP 47)"),
    column("kind", "What sort of document"),
    column("source_url", "Address of the document", lambda row: row.url),
    column("archive_url", "Archived copy"),
    column("note", "Note"),
    column("url", "Address of the page here", address),
)

STATEMENT = (
    column("reference", "Permanent name of the statement"),
    column("kind", "What sort of statement"),
    column("key", "What it states"),
    column("label", "The same for readers"),
    column("text", "What is stated, in words"),
    column(
        "value", "The number, where it is one", lambda row: None if row.value is None else float(row.value)
    ),
    column("unit", "Unit of the number; “none” for a bare count"),
    column("date", "As of, or when it happened"),
    column("actor", "Who responds, or who measured"),
    column("status", "corroborated, reported, self-reported, disputed or unsupported"),
    column("note", "Doubts and context; for a checked claim the finding"),
    column("sources", "Keys of its sources", lambda row: [source.key for source in row.sources.all()]),
)


def as_dict(columns, row):
    """A row as {column name: value}."""
    return {column.name: column.value(row) for column in columns}
