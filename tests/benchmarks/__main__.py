"""Measure the portal at several sizes, and print one table a size. Only ratios within a table count."""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.benchmarks.measuring import RAW, TEXTBOOK, measure, pages
from tests.benchmarks.serving import ROOT, served
from tests.benchmarks.writing import while_writing

CONTESTANTS = ("smallest", "same answer", "kept", "portal", RAW, TEXTBOOK)
HEAD = "| {} | smallest app | same answer | kept | portal | raw SQL | textbook | kept: rate ÷ smallest |"
HEAD += " kept: rate ÷ same | portal ÷ raw | textbook ÷ portal | queries, portal / textbook | KB sent |"
# What gunicorn adds to each answer.
SERVERS_OWN = ("Server", "Date", "Connection")


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
                ANSWERS=scratch,
                DJANGO_SETTINGS_MODULE="hubportal.settings",
            )
            fill(companies)
            run(companies, options.seconds, options.clock or not url.startswith("sqlite"), options.saves)


def fill(companies):
    """Make the sample, unless an earlier run has left it there."""
    manage("migrate", "--verbosity", "0")
    if asked_of_models("print(C.objects.count())") == "0":
        manage("make_sample", "--companies", str(companies))


def asked_of_models(code):
    """What Python prints that knows companies as C."""
    return manage("shell", "--no-imports", "-c", f"from ecosystem.models import Company as C; {code}")


def manage(*arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def run(companies, seconds, by_clock, saves):
    some = "C.objects.published()[7:47].values_list('slug', flat=True)"
    slugs = asked_of_models(f"print(*{some})").split()
    with (
        served("tests.benchmarks.smallest") as smallest,
        served("hubportal.wsgi") as kept,
        served("tests.benchmarks.portal", PAGE_CACHE_MB="0") as portal,
        served("tests.benchmarks.raw") as raw,
        served(
            "tests.benchmarks.textbook_wsgi", DJANGO_SETTINGS_MODULE="tests.benchmarks.textbook_settings"
        ) as textbook,
    ):
        made = {"portal": portal, RAW: raw, TEXTBOOK: textbook}
        engine = "SQLite" if os.environ["DATABASE_URL"].startswith("sqlite") else "PostgreSQL"
        unit = "ms" if by_clock else "ms of the worker's processor"
        print(f"\n{companies:,} companies, {engine}; medians in {unit}\n")
        print(HEAD.format("page"))
        print("|---" * HEAD.count(" | ") + "|---|")
        for page in pages(companies, slugs):
            asked = {name: (made[name], page.addresses) for name in page.contestants}
            results = measure(asked, seconds, by_clock, page.extra)
            if page.is_kept:
                results |= measure(beside_kept(page.addresses[0], kept, smallest), seconds, by_clock)
            print(row(page.what, results), flush=True)
        print(f"\nPeak memory of a worker: portal {max(portal.memory(), kept.memory()):.0f} MB,", end=" ")
        print(f"raw {raw.memory():.0f} MB, textbook {textbook.memory():.0f} MB.")
        print(while_writing(kept, slugs[0], saves))


def beside_kept(address, kept, smallest):
    """A finished page, and what sends as many bytes: with two headers, and with all of the page's."""
    head, length = kept.client.get(address)
    headers = [line.split(": ", 1) for line in head.decode("latin-1").splitlines()[1:]]
    answer = Path(os.environ["ANSWERS"], f"{quote(address, safe='')}.json")
    answer.write_text(json.dumps([[header for header in headers if header[0] not in SERVERS_OWN], length]))
    same = smallest, [f"/{quote(answer.name)}"]
    return {"kept": (kept, [address]), "smallest": (smallest, [f"/{length}"]), "same answer": same}


def row(what, results):
    """A line of the table, with a dash for what a contestant does not have."""
    medians = {name: results[name].median if name in results else None for name in CONTESTANTS}
    smallest, same, kept, portal, raw, textbook = medians.values()
    ratios = quotient(smallest, kept), quotient(same, kept), quotient(portal, raw), quotient(textbook, portal)
    queries = [str(results[name].queries) if name in results else "–" for name in ("portal", TEXTBOOK)]
    cells = [what, *map(rounded, (*medians.values(), *ratios)), " / ".join(queries)]
    return f"| {' | '.join(cells)} | {results['portal'].length / 1000:.1f} |"


def quotient(one, other):
    return one / other if one and other else None


def rounded(number):
    return "–" if number is None else f"{number:.2f}"


if __name__ == "__main__":
    main()
