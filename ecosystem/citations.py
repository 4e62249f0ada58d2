"""Numbering the sources of a page, and laying out its statements."""

from dataclasses import dataclass

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
        self.entries, self.numbers = [], {}

    def cite(self, sources):
        """Return [(number, source)] of these sources, giving new ones the next number."""
        for source in sources:
            if source.key not in self.numbers:
                self.numbers[source.key] = len(self.numbers) + 1
                self.entries.append((self.numbers[source.key], source))
        return [(self.numbers[source.key], source) for source in sources]


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
    """Something in a record's life: a `statement` told in full, or a line that leads to where it is told."""

    date: str
    text: str = ""
    address: str = ""
    statement: Statement | None = None


# Kinds whose date says when it happened; the date of other statements says as of when they hold.
HAPPENED = (
    Statement.Kind.EVENT,
    Statement.Kind.FUNDING,
    Statement.Kind.POLICY,
    Statement.Kind.RESPONSE,
    Statement.Kind.UPDATE,
)
# Those of them that say nothing beside the calendar: a record's timeline is their place.
TOLD_IN_TIME = (Statement.Kind.EVENT, Statement.Kind.POLICY, Statement.Kind.UPDATE)
FEWEST_MOMENTS = 3
UNDATED_LAST = "~"


def timeline(shown, related):
    """(sections beside it, moments of a record, oldest first), the first all where there are too few.

    `shown` holds the sections of the record, whose statements carry their marks, `related` other records.
    """
    statements = [row for section in shown for rows in section.rows for row in rows]
    line = [told(row) for row in statements if row.kind in TOLD_IN_TIME or is_dated_elsewhere(row)]
    line += [Moment(row.date, row.name, row.get_absolute_url()) for row in related if row.date]
    if len(line) < FEWEST_MOMENTS:
        return shown, []
    beside = [section for section in shown if section.kind not in TOLD_IN_TIME]
    return beside, sorted(line, key=lambda moment: moment.date or UNDATED_LAST)


def is_dated_elsewhere(statement):
    return bool(statement.date) and (statement.kind in HAPPENED or statement.key == "founded")


def told(statement):
    if statement.kind in TOLD_IN_TIME:
        return Moment(statement.date, statement=statement)
    return Moment(statement.date, headline(statement), f"#{statement.reference}")


def headline(statement):
    """A line that leads to a statement: its title, for a round its sum, for a response who responds."""
    if statement.kind == Statement.Kind.RESPONSE:
        return f"Response: {statement.actor}" if statement.actor else "Response"
    if statement.kind == Statement.Kind.FUNDING:
        return f"{statement.label}: {statement.words}"
    return statement.label
