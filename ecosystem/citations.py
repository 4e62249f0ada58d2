"""Numbering the sources of a page, and laying out its statements."""

from dataclasses import dataclass

from ecosystem.models import Statement

# Kinds that a page shows as a table of values; the others are dated entries.
TABLES = (Statement.Kind.FACT, Statement.Kind.METRIC, Statement.Kind.INDICATOR, Statement.Kind.FUNDING)

TITLES = {
    "check": "Claims we checked",
    "fact": "Facts",
    "metric": "Figures",
    "indicator": "Indicators",
    "funding": "Funding",
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
