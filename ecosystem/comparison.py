"""Two comparisons: hubs by their indicators, and companies by what is known of each."""

import re
from dataclasses import dataclass, field
from typing import Any

from ecosystem.fields import PartialDate
from ecosystem.models import Statement

FEWEST_HUBS = 3
# Where the mark of the first rank and of the last stand on a line, in percent.
FIRST_MARK, LAST_MARK = 3, 97
COMPARABILITY = re.compile(r"comparability (low|medium)", re.IGNORECASE)


@dataclass
class Indicator:
    """What several hubs are measured by: a row for each statement, of which the true ones are drawn."""

    key: str
    rows: list
    notes: dict = field(default_factory=dict)

    def __post_init__(self):
        self.figures = [row for row in self.rows if row.value is not None and row.counts_as_true]
        self.label = self.rows[0].label
        for row in self.rows:
            if row.note:
                self.notes.setdefault(row.note, []).append(row.hub.name)

    @property
    def left_out(self):
        """Why it cannot be drawn, or nothing."""
        hubs = {row.hub_id for row in self.figures}
        if len(hubs) < FEWEST_HUBS:
            return f"a figure for {len(hubs) or 'no'} hub{'' if len(hubs) == 1 else 's'}"
        return "figures in different units" if len({row.unit for row in self.figures}) > 1 else ""

    @property
    def has_home(self):
        return any(row.hub.is_home for row in self.figures)

    @property
    def is_rank(self):
        return self.unit.startswith("rank")

    @property
    def unit(self):
        return self.figures[0].unit

    @property
    def measured(self):
        """What the figures are, and who took them."""
        actors = dict.fromkeys(row.actor for row in self.figures if row.actor)
        unit = "number" if self.unit == Statement.NO_UNIT else self.unit
        return ", ".join([unit, *([f"measured by {' and '.join(actors)}"] if actors else [])])

    @property
    def status(self):
        """The status that all figures share, as a word, or nothing."""
        words = {row.get_status_display() for row in self.rows}
        return words.pop().lower() if len(words) == 1 else ""

    @property
    def years(self):
        return sorted({str(row.date.year) if row.date else "an unknown year" for row in self.figures})

    @property
    def cautions(self):
        """Why not to read too much into the picture, in sentences."""
        if len(self.years) > 1:
            yield f"The figures are of different years: {', '.join(self.years)}."
        if len({row.actor for row in self.figures}) > 1:
            yield "They were not all measured by the same body."
        levels = {level.lower() for row in self.figures for level in COMPARABILITY.findall(row.note)}
        if levels:
            yield f"Comparability is {'low' if 'low' in levels else 'medium'}: see the notes."

    def draw(self):
        """Give each row that is drawn its place from 0 to 100, and put the rows into order."""
        values = [float(row.value) for row in self.figures]
        most = max(values)
        for row, value in zip(self.figures, values, strict=True):
            share = (value - 1) / max(most - 1, 1) if self.is_rank else value / max(most, 1e-9)
            first, last = (FIRST_MARK, LAST_MARK) if self.is_rank else (0, 100)
            row.place = round(first + min(max(share, 0), 1) * (last - first), 1)
            row.number = f"{row.value.normalize():,f}"
        last = [row for row in self.rows if row not in self.figures]
        self.rows = [*sorted(self.figures, key=lambda row: row.value, reverse=not self.is_rank), *last]
        return self


def indicators():
    """Every indicator of the public hubs as (drawn, left out): two lists of Indicator."""
    statements = Statement.objects.published().with_sources().select_related("hub")
    # A figure that does not hold is no figure; the hub's own page says what became of it.
    stated = statements.filter(kind=Statement.Kind.INDICATOR, hub__isnull=False).exclude(status="unsupported")
    by_key = {}
    for row in stated.order_by("hub__name", "position", "pk"):
        by_key.setdefault(row.key or row.reference, []).append(row)
    found = sorted((Indicator(key, rows) for key, rows in by_key.items()), key=lambda one: one.label)
    drawn = [one.draw() for one in found if not one.left_out]
    return drawn, [one for one in found if one.left_out]


@dataclass
class Cell:
    """What is known of one company in one respect: a value of ours, and the statements that tell of it."""

    value: Any
    statements: list

    @property
    def words(self):
        return self.value.readable if isinstance(self.value, PartialDate) else self.value

    @property
    def known(self):
        """What to compare it by: the value, or else what is stated and counts as true."""
        stated = {row.words.casefold() for row in self.statements if row.counts_as_true}
        return self.value or tuple(sorted(stated))


@dataclass
class Row:
    label: str
    cells: list

    @property
    def differs(self):
        """Whether two known values contradict each other: 2016 and May 2016 do not."""
        first, *others = [cell.known for cell in self.cells if cell.known] or [None]
        return any(not agree(first, other) for other in others)


def agree(one, other):
    if isinstance(one, PartialDate) and isinstance(other, PartialDate):
        return one.agrees_with(other)
    return one == other


OPEN_SOURCE = {True: "yes", False: "no", None: ""}
# Label, the key of the statements that are its evidence, and the value.
TYPED = (
    ("Founded", "founded", lambda firm: firm.founded),
    ("Sectors", "", lambda firm: ", ".join(sector.name for sector in firm.sectors.all())),
    ("Head office", "headquarters-city", lambda firm: firm.headquarters_city),
    ("Place in the hub", "place", lambda firm: firm.place.name if firm.place else ""),
    ("Tie to the hub", "hub-link", lambda firm: firm.get_hub_link_display()),
    ("Ownership", "ownership", lambda firm: firm.get_ownership_display()),
    ("Listed", "listing", lambda firm: " ".join(filter(None, (firm.exchange, firm.ticker)))),
    ("Parent company", "parent", lambda firm: firm.parent.name if firm.parent else ""),
    ("Size", "employees", lambda firm: firm.get_size_band_display()),
    ("Open source", "open-source", lambda firm: OPEN_SOURCE[firm.open_source]),
)
NAMES = ("name-zh", "legal-name", "website")
COMPARED = (Statement.Kind.FACT, Statement.Kind.METRIC, Statement.Kind.FUNDING)


def company_rows(firms):
    """(rows that compare, number of facts that only one of the firms has)."""
    facts = [facts_of(firm) for firm in firms]
    rows = [
        Row(
            label,
            [Cell(value(firm), of_firm.get(key, [])) for firm, of_firm in zip(firms, facts, strict=True)],
        )
        for label, key, value in TYPED
    ]
    keys = dict.fromkeys(key for of_firm in facts for key in of_firm)
    others = [key for key in keys if key not in {*NAMES, *(key for _, key, _ in TYPED)}]
    shared = [key for key in others if sum(key in of_firm for of_firm in facts) > 1]
    rows += [
        Row(label_of(key, facts), [Cell("", of_firm.get(key, [])) for of_firm in facts]) for key in shared
    ]
    return [row for row in rows if any(cell.known for cell in row.cells)], len(others) - len(shared)


def facts_of(firm):
    """{key: statements} of a firm, without what does not hold and what has no key."""
    by_key = {}
    for row in firm.statements.all():
        if row.kind in COMPARED and row.key and row.status != Statement.Status.UNSUPPORTED:
            by_key.setdefault(row.key, []).append(row)
    return by_key


def label_of(key, facts):
    return next(of_firm[key][0].label for of_firm in facts if key in of_firm)
