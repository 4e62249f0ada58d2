"""Numbering the sources of a page, and laying out its statements."""

from dataclasses import dataclass

from django.utils.text import Truncator

from ecosystem.models import Statement

# Kinds that a page shows as a table of values; the others are dated entries.
TABLES = (Statement.Kind.FACT, Statement.Kind.METRIC, Statement.Kind.INDICATOR, Statement.Kind.FUNDING)

TITLES = {
    "fact": "Facts",
    "metric": "Figures",
    "indicator": "Indicators",
    "funding": "Funding",
    "check": "Claims we checked",
    "response": "Responses",
    "update": "Updates",
    "evidence": "Evidence",
    "event": "Events",
    "policy": "Policies",
}


class Bibliography:
    """The sources of a page, numbered in the order in which a reader meets them."""

    def __init__(self):
        self.numbers = {}

    def cite(self, sources):
        """Return [(number, source)] of these sources, giving new ones the next number."""
        for source in sources:
            self.numbers.setdefault(source, len(self.numbers) + 1)
        return [(self.numbers[source], source) for source in sources]

    @property
    def entries(self):
        return [(number, source) for source, number in self.numbers.items()]


@dataclass
class Section:
    """Statements of one kind. `rows` holds lists: rival values of one key stand in one row."""

    kind: str
    title: str
    rows: list

    @property
    def is_table(self):
        return self.kind in TABLES


def sections(statements, bibliography, order=tuple(TITLES)):
    """Group statements by kind and key, each with its citation marks. Returns a list of Section."""
    by_kind = {kind: {} for kind in order}
    for statement in statements:
        row_key = statement.key or statement.reference
        by_kind[statement.kind].setdefault(row_key, []).append(statement)
    shown = [Section(kind, TITLES[kind], rows_of(kind, rows)) for kind, rows in by_kind.items() if rows]
    for section in shown:
        for statement in (statement for row in section.rows for statement in row):
            statement.marks = bibliography.cite(statement.sources.all())
    return shown


def rows_of(kind, rows):
    """Rows of a table keep the editors' order; entries follow the calendar, one a row."""
    if kind in TABLES:
        return list(rows.values())
    entries = [statement for row in rows.values() for statement in row]
    return [[entry] for entry in sorted(entries, key=lambda entry: entry.date or "")]


def disputed(shown):
    """The first statement of each row on which sources differ, for the summary at the top of a page."""
    rows = (row for section in shown for row in section.rows)
    return [row[0] for row in rows if any(statement.status == Statement.Status.DISPUTED for statement in row)]


@dataclass
class Moment:
    """Something dated in a record's life."""

    date: str
    text: str
    address: str


# Kinds whose date says when it happened; the date of other statements says as of when they hold.
HAPPENED = (
    Statement.Kind.EVENT,
    Statement.Kind.FUNDING,
    Statement.Kind.POLICY,
    Statement.Kind.RESPONSE,
    Statement.Kind.UPDATE,
)
FEWEST_MOMENTS = 3


def moments(record, related):
    """The dated things of a record, oldest first; none where there are too few to make a line."""
    dated = [row for row in record.statements.all() if row.date]
    happened = [row for row in dated if row.kind in HAPPENED or row.key == "founded"]
    line = [Moment(row.date, headline(row), f"#{row.reference}") for row in happened]
    line += [Moment(row.date, row.name, row.get_absolute_url()) for row in related if row.date]
    return sorted(line, key=lambda moment: moment.date) if len(line) >= FEWEST_MOMENTS else []


def headline(statement):
    """A statement in a line: its title, or for an unnamed step who did what."""
    if statement.kind in (Statement.Kind.RESPONSE, Statement.Kind.UPDATE):
        return Truncator(": ".join(filter(None, [statement.actor, statement.text]))).words(18)
    return (
        f"{statement.label}: {statement.words}"
        if statement.kind == Statement.Kind.FUNDING
        else statement.label
    )
