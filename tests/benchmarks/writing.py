"""One writer that saves each second while others read."""

import re
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from tests.benchmarks.serving import ROOT, Client

# A process of its own, like an editor's: it saves a company for each slug that it is told, and answers then.
EDITOR = """
import sys, time
from ecosystem.models import Company

for line in sys.stdin:
    company = Company.objects.get(slug=line.strip())
    company.legal_name = f"Sample {time.time()}"
    company.save()
    print(flush=True)
"""


def while_writing(server, slug, saves):
    """A sentence: how long reads took, how many failed, and when a saved change was seen."""
    path = f"/companies/{slug}.json"
    times, failed, over = [], [], threading.Event()
    readers = [
        threading.Thread(target=read, args=(server.address, slug, times, failed, over)) for _ in range(2)
    ]
    for reader in readers:
        reader.start()
    seen, requests, client = [], [], Client(server.address)
    with editor() as save:
        for _ in range(saves):
            time.sleep(1)
            before = tag(client, path)
            save(slug)
            started, number = time.perf_counter(), 1
            while tag(client, path) == before and time.perf_counter() - started < 60:
                number += 1
            seen.append(time.perf_counter() - started)
            requests.append(number)
    over.set()
    for reader in readers:
        reader.join()
    slowest, delay = statistics.quantiles(times, n=100)[98] * 1000, statistics.median(seen) * 1000
    reads = f"{len(times):,} reads, {len(failed)} failed, 99 of 100 within {slowest:.0f} ms"
    when = f"at the latest by request {max(requests)} after its save, in {delay:.0f} ms"
    return f"With a save each second: {reads}; a change was seen {when}."


@contextmanager
def editor():
    """A function that saves the company with a slug."""
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", EDITOR]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:

        def save(slug):
            print(slug, file=process.stdin, flush=True)
            if not process.stdout.readline():
                raise RuntimeError("It was not saved.")

        yield save
        process.stdin.close()


def tag(client, path):
    """The ETag of an answer, which is that of its content."""
    head, _ = client.get(path)
    return re.search(rb"(?i)\r\netag: ([^\r]+)", head)[1]


def read(address, slug, times, failed, over):
    client = Client(address)
    paths = [
        "/companies/",
        f"/companies/{slug}/",
        "/companies/?sector=sample-games",
        "/companies.json?q=amber",
    ]
    while not over.is_set():
        started = time.perf_counter()
        try:
            client.get(paths[len(times) % len(paths)])
        except (RuntimeError, OSError) as error:
            failed.append(error)
            client = Client(address)
        times.append(time.perf_counter() - started)
