"""Whether the sources' addresses still answer. That a page is there says nothing of what it says: the day on
which a person read it stays what it was, and a look at a link is no change of content."""

import socket
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from threading import Lock
from urllib.parse import urlsplit

from django.db.models import F, Q
from django.utils import timezone

from ecosystem.addresses import printable
from ecosystem.fetching import RefusalError, look
from ecosystem.models import Source

State = Source.LinkState
# A page is gone when it was not found so often, over so long a time: sites break and are mended.
FAILURES, PERIOD = 3, timedelta(days=7)
NOT_FOUND = {404, 410}
LONGEST_DETAIL = Source._meta.get_field("link_detail").max_length


@dataclass(frozen=True)
class Finding:
    """What one look at a link showed. `state` is None where the page was not found."""

    state: State | None
    detail: str
    is_answer: bool = True


def judge(answer):
    """What an answer means. A refusal (4xx, a wall) says that robots are unwelcome, not that all is gone."""
    detail = f"status {answer.status}"
    if answer.moved_to:
        detail += f", moved to {answer.moved_to}"
    if answer.status < 300:
        return Finding(State.MOVED if answer.moved_to else State.OK, detail)
    if answer.status in NOT_FOUND and not answer.is_wall:
        return Finding(None, detail)
    return Finding(State.TIMEOUT if answer.status >= 500 and not answer.is_wall else State.BLOCKED, detail)


def examine(url, timeout, turn):
    """Look at one address; whatever goes wrong is a finding."""
    try:
        return judge(look(url, timeout, turn))
    except RefusalError as refusal:
        return Finding(State.BLOCKED, str(refusal), False)
    except socket.gaierror as error:
        is_unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
        return Finding(None if is_unknown else State.TIMEOUT, f"name lookup: {error.strerror}", False)
    except (OSError, HTTPException, ValueError) as error:
        return Finding(State.TIMEOUT, f"{type(error).__name__}: {error}", False)


class Turns:
    """Hands out turns, so that no host is asked twice within the pause (in seconds), by whichever thread."""

    def __init__(self, pause):
        self.pause, self.lock, self.next = pause, Lock(), defaultdict(float)

    def __call__(self, host):
        with self.lock:
            start = max(time.monotonic(), self.next[host])
            self.next[host] = start + self.pause
        time.sleep(max(0, start - time.monotonic()))


def due(older_than):
    """Sources that nobody looked at since `older_than` (a timedelta), those never tried first."""
    untouched = Q(link_tried_at=None) | Q(link_tried_at__lte=timezone.now() - older_than)
    return Source.objects.filter(untouched).order_by(F("link_tried_at").asc(nulls_first=True), "pk")


def by_host(sources):
    hosts = defaultdict(list)
    for source in sources:
        hosts[urlsplit(source.url).hostname].append(source)
    return hosts.values()


def look_at_all(sources, *, threads, pause, timeout):
    """Yield (source, finding) as answers come in: hosts side by side, the pages of one host in a row."""
    turns = Turns(pause)

    def look_at(group):
        return [(source, examine(source.url, timeout, turns)) for source in group]

    with ThreadPoolExecutor(threads) as pool:
        try:
            for future in as_completed([pool.submit(look_at, group) for group in by_host(sources)]):
                yield from future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def outcome(source, finding, now):
    """The fields of a source after a look at `now`. What was not found keeps its state until that is sure."""
    fields = {"link_tried_at": now, "link_detail": printable(finding.detail)[:LONGEST_DETAIL]}
    if finding.state == State.TIMEOUT:
        # Neither there nor not there: what is known of failures stays.
        return fields | {"link_state": State.TIMEOUT}
    if finding.state:
        return fields | {"link_state": finding.state, "link_failures": 0, "link_failing_since": None}
    failures, since = source.link_failures + 1, source.link_failing_since or now
    is_gone = failures >= FAILURES and now - since >= PERIOD
    state = State.GONE if is_gone else source.link_state
    return fields | {"link_failures": failures, "link_failing_since": since, "link_state": state}


def note(source, finding):
    """Write down what was found, unless somebody changed the address meanwhile. Returns the new state.

    Past the signals, on purpose: it is no content that the change log or the search would have to learn of.
    """
    fields = outcome(source, finding, timezone.now())
    Source.objects.filter(pk=source.pk, url=source.url).update(**fields)
    return fields["link_state"]
