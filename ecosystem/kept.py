"""What is derived from public content, and kept in memory until a commit or a schedule that falls due."""

import gc
import time
from dataclasses import dataclass
from functools import partial, wraps

from django.db import connection

from ecosystem.schedule import next_change_of_visibility
from hubportal import content_log

# SQLite's clock cuts microseconds off: a time that has come here may lie a little ahead there.
COARSE = 0.002
shared = {}


@dataclass(frozen=True)
class Moment:
    """A time in which readers see the same: the `version` of the content, `until` in seconds of time()."""

    version: object
    until: float

    @property
    def lasts(self):
        return self.version is not None and self.version == content_log.version() and time.time() < self.until


def moment():
    """The Moment that lasts now. Take it before reading what is to be kept: a change meanwhile ends it.

    All that is kept shares one, for asking what falls due next costs a query.
    """
    found = shared.get("moment")
    if connection.in_atomic_block or found is None or not found.lasts:
        version, due = content_log.version(), next_change_of_visibility()
        found = Moment(version, due.timestamp() + COARSE if due else float("inf"))
        if not connection.in_atomic_block:
            shared["moment"] = found
            # What was made of earlier content, megabytes of it, hangs on in the rings that templates leave.
            gc.collect()
    return found


def kept(function=None, *, by=lambda *arguments: arguments):
    """Keep what `function` returns for as long as it stays true, by its arguments, which should be few.

    `by` makes another key of them, or None where nothing is to be kept. Inside a transaction the function is
    asked each time: what it sees there is not what others see.
    """
    if function is None:
        return partial(kept, by=by)
    values = {}

    @wraps(function)
    def wrapper(*arguments):
        key = None if connection.in_atomic_block else by(*arguments)
        if key is None:
            return function(*arguments)
        found = values.get(key)
        if found is None or not found[0].lasts:
            found = values[key] = moment(), function(*arguments)
        return found[1]

    return wrapper
