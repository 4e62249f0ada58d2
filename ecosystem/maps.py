"""A schematic map of places, drawn from their stored coordinates (WGS-84): no tiles, no other host."""

import re
from dataclasses import dataclass
from math import cos, radians, sqrt

from ecosystem.models import Place

KM_A_DEGREE = 111.32
# Units of the picture. Letters are sized for a phone, where it is about this many pixels wide.
WIDTH, LOWEST, HIGHEST = 400, 220, 460
MARGIN = 52
SMALLEST, LARGEST = 4, 34
LETTER, LINE = 7.4, 15
# A hub with one known point, or several on one spot, still gets a map of this many degrees.
LEAST_SPAN = 0.05
GRID_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
SCALE_STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass
class Spot:
    """A place as a circle with its name beside it."""

    place: Place
    count: int
    x: float
    y: float
    radius: float
    label: str
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"


@dataclass
class Map:
    """Circles that grow with the number of companies, on a grid of degrees."""

    height: int
    spots: list
    meridians: list
    parallels: list
    scale_km: float
    scale_length: float

    @property
    def scale_end(self):
        return round(14 + self.scale_length, 1)


class Projection:
    """Equirectangular: right at the middle latitude, and near enough over a city."""

    def __init__(self, points):
        south, north = padded([latitude for latitude, _ in points])
        west, east = padded([longitude for _, longitude in points])
        self.north, self.west = north, west
        self.squeeze = cos(radians((south + north) / 2))
        wide, high = (east - west) * self.squeeze, north - south
        self.unit = min((WIDTH - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)
        self.height = max(LOWEST, round(high * self.unit) + 2 * MARGIN)
        self.left = (WIDTH - wide * self.unit) / 2
        self.top = (self.height - high * self.unit) / 2

    def x(self, longitude):
        return round(self.left + (longitude - self.west) * self.squeeze * self.unit, 1)

    def y(self, latitude):
        return round(self.top + (self.north - latitude) * self.unit, 1)

    def meridians(self):
        """(x, degrees) of the grid's upright lines, at most six."""
        first = self.west - self.left / self.unit / self.squeeze
        return [(self.x(d), d) for d in ticks(first, WIDTH / self.unit / self.squeeze)]

    def parallels(self):
        last = self.north + self.top / self.unit
        height = self.height / self.unit
        return [(self.y(d), d) for d in ticks(last - height, height)]

    def scale(self):
        """(kilometres, length): the longest round distance within two fifths of the width."""
        lengths = [(km, round(km / KM_A_DEGREE * self.unit, 1)) for km in SCALE_STEPS]
        return max((pair for pair in lengths if pair[1] <= WIDTH * 0.4), default=lengths[0])


def padded(degrees):
    low, high = min(degrees), max(degrees)
    missing = max(0, LEAST_SPAN - (high - low)) / 2
    return low - missing, high + missing


def ticks(first, span):
    """Round degrees between `first` and `first + span`."""
    step = next((step for step in GRID_STEPS if span / step <= 6), GRID_STEPS[-1])
    number = int(first // step) + 1
    return [round(n * step, 2) for n in range(number, int((first + span) // step) + 1)]


def draw(places):
    """The map of places that carry their number of companies, or None where no coordinates are known.

    A place that contains all others is the sheet itself and gets no circle.
    """
    placed = [place for place in places if place.latitude is not None and place.parent_id]
    if not placed:
        return None
    projection = Projection([(float(place.latitude), float(place.longitude)) for place in placed])
    most = max(place.companies_here for place in placed) or 1
    spots = [spot(place, projection, most) for place in placed]
    spots.sort(key=lambda spot: -spot.radius)
    name(spots, projection.height)
    grid = projection.meridians(), projection.parallels()
    return Map(projection.height, spots, *grid, *projection.scale())


def spot(place, projection, most):
    count = place.companies_here
    radius = max(SMALLEST, round(LARGEST * sqrt(count / most), 1))
    x, y = projection.x(float(place.longitude)), projection.y(float(place.latitude))
    return Spot(place, count, x, y, radius, re.split(r" [/(]", place.name)[0])


def name(spots, height):
    """Set each name right, left, below or above its circle, where it covers least of what is there."""
    taken = [(s.x - s.radius, s.y - s.radius, s.x + s.radius, s.y + s.radius) for s in spots]
    for own, spot in enumerate(spots):
        others = taken[:own] + taken[own + 1 :]
        costs = [
            outside(box, height) + sum(overlap(box, other) for other in others) for box, _ in candidates(spot)
        ]
        box, (spot.label_x, spot.label_y, spot.anchor) = list(candidates(spot))[costs.index(min(costs))]
        taken.append(box)


def candidates(spot):
    """(box, (x, y, anchor)) of the four places for a name, the best first."""
    wide, gap = len(spot.label) * LETTER, spot.radius + 5
    for x, y, anchor in (
        (spot.x + gap, spot.y + 4, "start"),
        (spot.x - gap, spot.y + 4, "end"),
        (spot.x, spot.y + gap + 9, "middle"),
        (spot.x, spot.y - gap, "middle"),
    ):
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        yield (left, y - LINE + 3, left + wide, y + 3), (round(x, 1), round(y, 1), anchor)


def overlap(one, other):
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)


def outside(box, height):
    """How much of a box lies beyond the sheet, weighed so that no name is ever cut."""
    inside = overlap(box, (0, 0, WIDTH, height))
    return 1000 * ((box[2] - box[0]) * (box[3] - box[1]) - inside)
