"""A WSGI layer around all others: each request gets an id, is timed to its last byte, logged and counted."""

import logging
import re
import time
from functools import partial
from random import getrandbits

from django.conf import settings

from hubportal.logs import current

logger = logging.getLogger("hubportal.access")
GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Asked for every few seconds by machines that look at the answer themselves.
PROBES = ("/healthz", "/readyz", "/metrics")
LONGEST_PATH = 500


class AccessLog:
    """`observe(status, seconds)` is told of every answer, the probes' left out."""

    def __init__(self, app, observe=None):
        self.app, self.observe = app, observe

    def __call__(self, environ, start_response):
        seen = Seen(environ, start_response)
        current.set({"request_id": seen.id})
        try:
            parts = self.app(environ, seen.start)
        except BaseException:
            self.tell(seen)
            raise
        # A list is sent at once; of a file the server takes care, and only if it may see it as one.
        if isinstance(parts, list | tuple) or is_file(parts, environ):
            self.tell(seen)
            return parts
        return Timed(parts, partial(self.tell, seen))

    def tell(self, seen):
        """Count a request that is over, and log it."""
        level = logging.ERROR if seen.status >= 500 else logging.INFO
        is_logged = logger.isEnabledFor(level)
        if (self.observe or is_logged) and seen.environ.get("PATH_INFO") not in PROBES:
            seconds = time.perf_counter() - seen.began
            if self.observe:
                self.observe(seen.status, seconds)
            if is_logged:
                log(level, seen, seconds)
        current.set(None)


class Seen:
    """A request, and the status with which it was answered; 500 before it is."""

    __slots__ = ("began", "environ", "id", "start_response", "status")

    def __init__(self, environ, start_response):
        self.began, self.environ, self.start_response = time.perf_counter(), environ, start_response
        self.id, self.status = request_id(environ), 500

    def start(self, line, headers, exc_info=None):
        self.status = int(line[:3])
        return self.start_response(line, [*headers, ("X-Request-ID", self.id)], exc_info)


def log(level, seen, seconds):
    path = seen.environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")[:LONGEST_PATH]
    method, duration = seen.environ["REQUEST_METHOD"], round(seconds * 1000, 1)
    details = {"method": method, "path": path, "status": seen.status, "milliseconds": duration}
    logger.log(level, "%s %s %s", method, path, seen.status, extra={"details": details})


class Timed:
    """The parts of an answer; closing them ends its request."""

    def __init__(self, parts, done):
        self.parts, self.done = parts, done

    def __iter__(self):
        return iter(self.parts)

    def close(self):
        try:
            if hasattr(self.parts, "close"):
                self.parts.close()
        finally:
            self.done()


def is_file(parts, environ):
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(parts, wrapper)


def request_id(environ):
    """The id that our proxy gave, if it looks like one, or a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    if given and settings.BEHIND_PROXY and GOOD_ID.fullmatch(given):
        return given
    # It tells lines of the log apart and guards nothing, and asking the system for chance takes longer.
    return getrandbits(128).to_bytes(16, "big").hex()  # nosec B311
