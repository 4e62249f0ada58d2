"""The options of a facet, counted, and those that a page has room for."""

from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest

# Whoever wants another names it in the address.
MOST_OFFERED = 200


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    selected: bool
    depth: int = 0


@dataclass(frozen=True)
class FacetCounts:
    """A facet's options: only those that lead somewhere, and those that are chosen."""

    name: str
    label: str
    options: list

    @property
    def selected(self):
        return [option for option in self.options if option.selected]

    @cached_property
    def offered(self):
        """What a page has room for: the options that are chosen, then those that lead to most."""
        most = set(nlargest(MOST_OFFERED, self.options, key=lambda option: (option.selected, option.count)))
        return [option for option in self.options if option in most]

    @property
    def left_out(self):
        return len(self.options) - len(self.offered)
