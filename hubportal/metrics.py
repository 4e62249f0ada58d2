"""Numbers for Prometheus: requests by status and duration over all processes of a server, and the content.

The processes count in one small file that each has mapped into memory. A library that gives each process a
file of its own would gather thousands, for workers are replaced after some thousand requests.
"""

import fcntl
import hmac
import mmap
import os
import struct
import threading
from bisect import bisect_left

from django.conf import settings
from django.db import Error
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from ecosystem.models import RECORDS, Source, Statement
from hubportal.backups import backups
from hubportal.patience import READING, patience

# Upper bounds in seconds, the last without end.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
# For each class: how many answers up to each bound but not the one before, and all their microseconds.
WIDTH = len(BOUNDS) + 2
SIZE = len(CLASSES) * WIDTH * 8
CELL = struct.Struct("<Q")


class Counters:
    """Numbers in a file that only grow, counted by many threads of many processes."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        os.ftruncate(self.file, SIZE)
        self.cells = mmap.mmap(self.file, SIZE)
        self.lock = threading.Lock()

    def add(self, cell, number):
        [before] = CELL.unpack_from(self.cells, cell * 8)
        CELL.pack_into(self.cells, cell * 8, before + number)

    def observe(self, status, seconds):
        row = min(max(status // 100, 1), len(CLASSES)) - 1
        # The lock of the file keeps other processes out, but not other threads of this one.
        with self.lock:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                self.add(row * WIDTH + bisect_left(BOUNDS, seconds), 1)
                self.add(row * WIDTH + WIDTH - 1, round(seconds * 1e6))
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)

    def read(self):
        """{class: (counts, microseconds)}"""
        numbers = struct.unpack(f"<{SIZE // 8}Q", self.cells[:])
        rows = [numbers[start : start + WIDTH] for start in range(0, len(numbers), WIDTH)]
        return {name: (row[:-1], row[-1]) for name, row in zip(CLASSES, rows, strict=True)}


def durations(counters):
    """The lines of a histogram in Prometheus's text format (version 0.0.4)."""
    name = "hubportal_request_duration_seconds"
    yield f"# HELP {name} Seconds from a request to the last byte of its answer, by class of status."
    yield f"# TYPE {name} histogram"
    for status, (counts, microseconds) in counters.read().items():
        total = 0
        for bound, count in zip((*BOUNDS, "+Inf"), counts, strict=True):
            total += count
            yield f'{name}_bucket{{status="{status}",le="{bound}"}} {total}'
        yield f'{name}_sum{{status="{status}"}} {microseconds / 1e6:.6f}'
        yield f'{name}_count{{status="{status}"}} {total}'


def gauge(name, words, values):
    """The lines of one gauge; `values` are (labels, number) pairs."""
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} gauge"
    for labels, number in values:
        inside = ",".join(f'{label}="{value}"' for label, value in labels.items())
        yield f"{name}{{{inside}}} {number}" if inside else f"{name} {number}"


def database():
    """Whether it answers, and how much is in it; requests are told all the same."""
    # Whoever collects numbers comes again.
    patience.set(READING)
    try:
        found, answers = list(content()), 1
    except Error:
        found, answers = [], 0
    yield from gauge("hubportal_database_up", "Whether the database answers.", [({}, answers)])
    yield from found


def content():
    """How much there is, published and waiting."""
    records = [
        ({"kind": model._meta.model_name, "state": state}, number)
        for model in RECORDS
        for state, number in model.objects.order_by().values_list("state").annotate(Count("pk"))
    ]
    yield from gauge("hubportal_records", "Records by kind and state.", records)
    statements = Statement.objects.order_by().values_list("status").annotate(Count("pk"))
    by_status = [({"status": status}, number) for status, number in statements]
    yield from gauge("hubportal_statements", "Statements by status.", by_status)
    yield from gauge("hubportal_sources", "Sources.", [({}, Source.objects.count())])


def last_backup():
    """When the newest was made, as far as this machine can see them."""
    words = "Unix time of the newest backup in BACKUP_DIR."
    times = [({}, int(path.stat().st_mtime)) for path in backups(settings.BACKUP_DIR)[-1:]]
    yield from gauge("hubportal_last_backup_timestamp_seconds", words, times)


@require_safe
def metrics(request):
    """For whoever has the token; for everybody else there is no such page."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(
        given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()
    ):
        raise Http404
    lines = [*durations(counters()), *database(), *last_backup(), ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def counters():
    """The counters of this server, opened once a process."""
    if settings.METRICS_FILE not in opened:
        opened[settings.METRICS_FILE] = Counters(settings.METRICS_FILE)
    return opened[settings.METRICS_FILE]


opened = {}
