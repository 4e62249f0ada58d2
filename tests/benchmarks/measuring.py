"""What is asked of each contestant, in turn, so that a busy moment of the machine hits all of them."""

import statistics
import time
from dataclasses import dataclass, field
from itertools import product

ROUNDS = 3
FIELDS = ["robotics", "chips", "games", "biotech", "payments", "logistics", "cloud", "optics", "energy"]
OWNERSHIP = ["private", "public", "subsidiary", "acquired", "closed"]
WORDS = ["amber", "brisk", "cedar", "delta", "ember", "fjord", "grove", "harbour", "indigo", "juniper"]
EVERYWHERE = "hub_link=headquarters&hub_link=office&hub_link=linked&hub_link=unknown"


def pages(companies, slug):
    """{what: addresses}; where there are several, each is asked in turn."""
    combinations = list(product(FIELDS, OWNERSHIP, FIELDS))
    return {
        "list": ["/companies/"],
        "two filters": ["/companies/?sector=sample-games&ownership=private"],
        "new combination each time": [
            f"/companies/?sector=sample-{one}&ownership={ownership}&sector=sample-{two}"
            for one, ownership, two in combinations
            if one < two
        ],
        "search": [f"/companies/?q={word}" for word in WORDS],
        f"page {min(400, deepest(companies))}": [f"/companies/?page={min(400, deepest(companies))}"],
        "record": [f"/companies/{slug}/"],
        "JSON, filtered": ["/companies.json?sector=sample-games"],
        "CSV, all": [f"/companies.csv?{EVERYWHERE}"],
        "home": ["/"],
    }


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


def measure(servers, addresses, seconds, by_clock):
    """{name: Result} of servers that are asked for the same; each is warmed by its first answer."""
    results = {name: Result() for name in servers}
    for name, server in servers.items():
        _, results[name].length = server.client.get(addresses[0])
        counted, _ = server.client.get(addresses[-1], "X-Count: 1\r\n")
        if b"X-Queries: " in counted:
            results[name].queries = int(counted.partition(b"X-Queries: ")[2].split(b"\r\n")[0])
    for _ in range(ROUNDS):
        for name, server in servers.items():
            results[name].times += times(server, addresses, seconds / ROUNDS, by_clock)
    return results


def times(server, addresses, seconds, by_clock):
    """Seconds that answers took: each by the clock, or on average by what the worker's processor ran."""
    found, until, before = [], time.perf_counter() + seconds, server.processor_time()
    while not found or time.perf_counter() < until:
        started = time.perf_counter()
        server.client.get(addresses[len(found) % len(addresses)])
        found.append(time.perf_counter() - started)
    return found if by_clock else [(server.processor_time() - before) / len(found)]
