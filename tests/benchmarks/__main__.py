"""Measure the portal at several sizes, and print one table a size. Only ratios within a table count."""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.measuring import measure, pages
from tests.benchmarks.serving import ROOT, served
from tests.benchmarks.writing import while_writing

RAW = "raw SQL"
HEAD = "| {} | smallest app | kept | portal | raw SQL | textbook | kept: rate ÷ smallest | portal ÷ raw |"
HEAD += " textbook ÷ portal | queries, portal / textbook | KB sent |"


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--companies", type=int, nargs="+", default=[100, 10_000], metavar="N")
    parser.add_argument("--seconds", type=float, default=1.5, help="For each page of each contestant.")
    parser.add_argument("--saves", type=int, default=5, help="How often a writer saves while others read.")
    parser.add_argument(
        "--clock",
        action="store_true",
        help="Measure by the clock, as with PostgreSQL; default with SQLite: the worker's processor time,"
        " which other work on the machine disturbs less.",
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        help="An empty PostgreSQL database, or one that an earlier run filled; default: SQLite.",
    )
    parser.add_argument("--directory", type=Path, help="Where SQLite files stay for the next run.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hubportal-benchmark-") as scratch:
        for companies in options.companies:
            folder = options.directory or Path(scratch)
            url = options.database or f"sqlite:///{folder}/{companies}.sqlite3"
            os.environ.update(
                ENV_FILE=os.devnull,
                DATABASE_URL=url,
                SECRET_KEY=secrets.token_urlsafe(50),
                ALLOWED_HOSTS="localhost",
                SITE_URL="http://localhost",
                HASHED_STATIC="0",
                LOG_LEVEL="ERROR",
                CONTENT_LOG=f"{scratch}/content-log",
                DJANGO_SETTINGS_MODULE="hubportal.settings",
            )
            fill(companies)
            run(companies, options.seconds, options.clock or not url.startswith("sqlite"), options.saves)


def fill(companies):
    """Make the sample, unless an earlier run has left it there."""
    manage("migrate", "--verbosity", "0")
    if (
        manage(
            "shell",
            "--no-imports",
            "-c",
            "from ecosystem.models import Company as C; print(C.objects.count())",
        )
        == "0"
    ):
        manage("make_sample", "--companies", str(companies))


def manage(*arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def run(companies, seconds, by_clock, saves):
    slug = manage(
        "shell",
        "--no-imports",
        "-c",
        "from ecosystem.models import Company as C; print(C.objects.published()[7].slug)",
    )
    with (
        served("tests.benchmarks.smallest") as smallest,
        served("tests.benchmarks.portal") as kept,
        served("tests.benchmarks.portal", PAGE_CACHE_MB="0") as portal,
        served("tests.benchmarks.raw") as raw,
        served(
            "tests.benchmarks.textbook_wsgi", DJANGO_SETTINGS_MODULE="tests.benchmarks.textbook_settings"
        ) as textbook,
    ):
        made = {"portal": portal, RAW: raw, "textbook": textbook}
        engine = "SQLite" if os.environ["DATABASE_URL"].startswith("sqlite") else "PostgreSQL"
        unit = "ms" if by_clock else "ms of the worker's processor"
        print(f"\n{companies:,} companies, {engine}; medians in {unit}\n")
        print(HEAD.format("page"))
        print("|---" * HEAD.count(" | ") + "|---|")
        for what, addresses in pages(companies, slug).items():
            results = measure(made, addresses, seconds, by_clock)
            _, length = kept.client.get(addresses[0])
            ready = measure({"kept": kept}, addresses[:1], seconds / 2, by_clock)
            ready |= measure({"smallest": smallest}, [f"/{length}"], seconds / 2, by_clock)
            print(row(what, results | ready), flush=True)
        print(f"\nPeak memory of a worker: portal {max(portal.memory(), kept.memory()):.0f} MB,", end=" ")
        print(f"raw {raw.memory():.0f} MB, textbook {textbook.memory():.0f} MB.")
        print(while_writing(kept, slug, saves))


def row(what, results):
    portal, raw, textbook = (results[name] for name in ("portal", RAW, "textbook"))
    ready, smallest = results["kept"], results["smallest"]
    cells = [what, *(f"{one.median:.2f}" for one in (smallest, ready, portal, raw, textbook))]
    ratios = smallest.median / ready.median, portal.median / raw.median, textbook.median / portal.median
    cells += [f"{ratio:.2f}" for ratio in ratios]
    cells += [f"{portal.queries} / {textbook.queries}", f"{portal.length / 1000:.1f}"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
