"""Charts of a list: counted in SQL under the list's own filters, drawn as SVG by one template.

A chart loses nobody: its bars, plus the records it cannot place, less those it counts again, are the list.
"""

import csv
from dataclasses import dataclass, field
from functools import cached_property

from django.http import HttpResponse

from ecosystem.counting import count_rows, counted, united
from ecosystem.dimensions import along, year_of
from ecosystem.facets import of_all
from ecosystem.kept import kept
from ecosystem.renderers import cell, open_data

# More columns than these are too thin for a phone; what is older stands in the first of them.
MOST_YEARS = 60
MOST_LABELS = 7
# Heights in pixels. Widths are shares of the picture's, so that letters keep their size on a phone.
TOP, BASE, FOOT = 20, 150, 24
ROW, THICK = 34, 9
WIDEST_COLUMN, LONGEST_BAR = 6, 90


@dataclass(frozen=True)
class Bar:
    """One number as a rectangle: `x` and `width` in percent, `y` and `height` in pixels."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float
    named: bool = True

    @property
    def middle(self):
        return round(self.x + self.width / 2, 2)

    @property
    def end(self):
        return round(self.x + self.width + 1, 2)


@dataclass(frozen=True)
class Chart:
    """Numbers of one list with the words they need. `others` holds (words, n) of what no bar counts."""

    name: str
    title: str
    listing: object
    counts: list
    others: list = field(default_factory=list)
    note: str = ""
    upright: bool = False

    @property
    def key(self):
        """Part of ids: a page may draw the same chart of two lists."""
        return f"{self.listing.meta.model_name}-{self.name}"

    @cached_property
    def most(self):
        return max(count for _, count in self.counts)

    @property
    def height(self):
        return BASE + FOOT if self.upright else ROW * len(self.counts)

    @cached_property
    def bars(self):
        return list(self.columns() if self.upright else self.lines())

    def columns(self):
        slot = min(100 / len(self.counts), WIDEST_COLUMN)
        step = next(step for step in (1, 2, 5, 10, 20) if len(self.counts) <= step * MOST_LABELS)
        for place, (label, count) in enumerate(self.counts):
            height = round(count / self.most * (BASE - TOP), 1)
            named = label.isdigit() and int(label) % step == 0
            x, width = round((place + 0.1) * slot, 2), round(0.8 * slot, 2)
            yield Bar(label, count, x, round(BASE - height, 1), width, height, named)

    def lines(self):
        for place, (label, count) in enumerate(self.counts):
            width = round(count / self.most * LONGEST_BAR, 2)
            yield Bar(label, count, 0, (place + 1) * ROW - THICK - 5, width, THICK)

    @property
    def rows(self):
        """The table: every bar, then what no bar counts. The numbers add up to the list's total."""
        return [*self.counts, *self.others]

    @property
    def words(self):
        """The picture in a sentence, for those who do not see it."""
        peak = ", ".join(label for label, count in self.counts if count == self.most)
        return f"{len(self.counts)} bars. The longest is {self.most:,}: {peak}."

    @property
    def address(self):
        return self.listing.chart_address(self.name)

    @property
    def heading(self):
        return "Year" if self.upright else self.name.capitalize()


@dataclass(frozen=True)
class YearChart:
    """Records by the year of a partial date, every year from the first to the last."""

    name: str
    title: str
    column: str
    unknown: str
    note: str = ""

    @property
    def dimension(self):
        return year_of(self.column)

    def draw(self, listing, counted):
        years = {int(year): n for year, n in counted.items() if year}
        last = max(years, default=0)
        first = max(min(years, default=0), last - MOST_YEARS + 1)
        early = sum(n for year, n in years.items() if year < first)
        counts = [(f"before {first}", early)] if early else []
        counts += [(str(year), years.get(year, 0)) for year in range(first, last + 1) if years]
        others = [(self.unknown, counted[None])] if counted.get(None) else []
        note = f"The first bar holds all years before {first}. {self.note}" if early else self.note
        return Chart(self.name, self.title, listing, counts, others, note, upright=True)


@dataclass(frozen=True)
class FacetChart:
    """Records by the values of one of the list's facets, in the facet's own order or largest first."""

    name: str
    title: str
    facet: str
    path: str
    unknown: str = "with none known"
    again: str = ""
    largest_first: bool = True

    @property
    def dimension(self):
        return along(self.path)

    def draw(self, listing, counted):
        choices = listing.filterset.facets[self.facet].extra["choices"]
        counts = [(label, counted[value]) for value, label in choices if counted.get(value)]
        if self.largest_first:
            counts.sort(key=lambda row: -row[1])
        without = sum(n for value, n in counted.items() if not value)
        twice = sum(counted.values()) - listing.total
        others = [(self.unknown, without)] if without else []
        others += [(self.again, -twice)] if twice else []
        return Chart(self.name, self.title, listing, counts, others)


def draw(listing, specifications):
    """Count the charts of a list in one query, or in memory."""
    if listing.selection:
        found = {spec.name: listing.selection.spread_of_all(spec.dimension) for spec in specifications}
    else:
        found = count_in_sql(listing.filterset, tuple(specifications))
    return [spec.draw(listing, found[spec.name]) for spec in specifications]


@kept(by=of_all)
def count_in_sql(filterset, specifications):
    """{chart: {value: n}} under the filters of a valid filterset, counted in one query."""
    rows = filterset.qs
    return counted(united(count_rows(rows, spec.name, spec.dimension.expression) for spec in specifications))


def render_csv(chart):
    """The numbers for a spreadsheet; the byte order mark makes it read UTF-8."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{chart.key}.csv"'
    writer = csv.writer(response)
    writer.writerow([chart.heading, "Number"])
    writer.writerows([cell(label), count] for label, count in chart.rows)
    return open_data(response)


COMPANY_CHARTS = (
    YearChart(
        "founded",
        "Companies by founding year",
        "founded",
        "with no known founding year",
        "Recent years are undercounted: a young firm is written about late.",
    ),
    FacetChart(
        "sectors",
        "Companies by sector",
        "sector",
        "sectors__slug",
        "in no sector",
        "counted again, being in several sectors",
    ),
)
BREAKTHROUGH_CHARTS = (
    YearChart(
        "years",
        "Breakthroughs by year",
        "date",
        "with no known date",
        "What is recent is better covered here than what is old.",
    ),
)
CHALLENGE_CHARTS = (
    FacetChart("severity", "Challenges by severity", "severity", "severity", largest_first=False),
    FacetChart("category", "Challenges by category", "category", "category"),
)
