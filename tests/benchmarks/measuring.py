"""What is asked of each contestant, in turn, so that a busy moment of the machine hits all of them."""

import statistics
import time
from dataclasses import dataclass, field
from itertools import product

ROUNDS = 5
RAW, TEXTBOOK = "raw SQL", "textbook"
TEXTBOOKS_LONGEST = 10_000
NARROWED = "sector=sample-games&sector=sample-chips&ownership=private"
FIELDS = ["robotics", "chips", "games", "biotech", "payments", "logistics", "cloud", "optics", "energy"]
OWNERSHIP = ["private", "public", "subsidiary", "acquired", "closed"]
WORDS = ["amber", "brisk", "cedar", "delta", "ember", "fjord", "grove", "harbour", "indigo", "juniper"]
# Tells the portal that a company was just saved.
TOUCH = "X-Touch: 1\r\n"
EVERYWHERE = "hub_link=headquarters&hub_link=office&hub_link=linked&hub_link=unknown"


@dataclass(frozen=True)
class Page:
    """What to ask for, each address in turn.

    Not every contestant has each, and the page cache does not keep each. `extra` is a line of the request.
    """

    what: str
    addresses: list
    contestants: tuple = ("portal", RAW, TEXTBOOK)
    is_kept: bool = True
    extra: str = ""


def pages(companies, slugs):
    combinations = list(product(FIELDS, OWNERSHIP, FIELDS))
    deep, whole = min(400, deepest(companies)), f"/companies.csv?{EVERYWHERE}"
    return [
        Page("list", ["/companies/"]),
        Page("two filters", ["/companies/?sector=sample-games&ownership=private"]),
        Page(
            "new combination each time",
            [
                f"/companies/?sector=sample-{one}&ownership={ownership}&sector=sample-{two}"
                for one, ownership, two in combinations
                if one < two
            ],
        ),
        Page("search", [f"/companies/?q={word}" for word in WORDS]),
        Page("search with two filters", [f"/companies/?q={word}&{NARROWED}" for word in WORDS]),
        Page(f"page {deep}", [f"/companies/?page={deep}"]),
        Page("record, another each time", [f"/companies/{slug}/" for slug in slugs]),
        Page("JSON, filtered", ["/companies.json?sector=sample-games"]),
        # The textbook takes minutes for the longest, and says nothing before its end.
        Page(
            "CSV, all",
            [whole],
            ("portal", RAW, TEXTBOOK) if companies <= TEXTBOOKS_LONGEST else ("portal", RAW),
            is_kept=False,
        ),
        Page("list after a commit", ["/companies/"], ("portal", RAW), is_kept=False, extra=TOUCH),
        Page("CSV after a commit", [whole], ("portal", RAW), is_kept=False, extra=TOUCH),
        Page("home", ["/"], ("portal",)),
        Page("not found", ["/nowhere/"], ("portal", TEXTBOOK), is_kept=False),
        Page("redirect", ["/companies"], ("portal", TEXTBOOK), is_kept=False),
        Page("static file", ["/static/ecosystem/site.css"], ("portal", TEXTBOOK), is_kept=False),
    ]


def deepest(companies):
    """About the last page of 24 of those nine tenths that the list shows."""
    return max(1, companies * 85 // 100 // 24)


@dataclass
class Result:
    times: list = field(default_factory=list)
    length: int = 0
    queries: int | None = None

    @property
    def median(self):
        """Milliseconds."""
        return statistics.median(self.times) * 1000


def measure(asked, seconds, by_clock, extra=""):
    """{name: Result} of {name: (server, addresses)}; each is warmed by its first answer."""
    results = {name: Result() for name in asked}
    for name, (server, addresses) in asked.items():
        _, results[name].length = server.client.get(addresses[0])
        counted, _ = server.client.get(addresses[-1], f"X-Count: 1\r\n{extra}")
        if b"X-Queries: " in counted:
            results[name].queries = int(counted.partition(b"X-Queries: ")[2].split(b"\r\n")[0])
    for _ in range(ROUNDS):
        for name, (server, addresses) in asked.items():
            results[name].times += times(server, addresses, seconds / ROUNDS, by_clock, extra)
    return results


def times(server, addresses, seconds, by_clock, extra=""):
    """Seconds that answers took: each by the clock, or on average by what the worker's processor ran."""
    found, until, before = [], time.perf_counter() + seconds, server.processor_time()
    while not found or time.perf_counter() < until:
        started = time.perf_counter()
        server.client.get(addresses[len(found) % len(addresses)], extra)
        found.append(time.perf_counter() - started)
    return found if by_clock else [(server.processor_time() - before) / len(found)]
