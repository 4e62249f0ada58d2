"""A WSGI layer around all others: each request gets an id, is timed to its last byte, logged and counted."""

import logging
import re
import time
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
        began, seen = time.perf_counter(), {"request_id": request_id(environ)}
        token, status = current.set(seen), []

        def start(line, headers, exc_info=None):
            status[:] = [int(line[:3])]
            return start_response(line, [*headers, ("X-Request-ID", seen["request_id"])], exc_info)

        def done():
            self.tell(environ, status[0] if status else 500, time.perf_counter() - began)
            current.reset(token)

        try:
            parts = self.app(environ, start)
        except BaseException:
            done()
            raise
        # A list is sent at once; of a file the server takes care, and only if it may see it as one.
        if isinstance(parts, list | tuple) or is_file(parts, environ):
            done()
            return parts
        return Timed(parts, done)

    def tell(self, environ, status, seconds):
        if environ.get("PATH_INFO") in PROBES:
            return
        if self.observe:
            self.observe(status, seconds)
        level = logging.ERROR if status >= 500 else logging.INFO
        if logger.isEnabledFor(level):
            path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")[:LONGEST_PATH]
            method, duration = environ["REQUEST_METHOD"], round(seconds * 1000, 1)
            details = {"method": method, "path": path, "status": status, "milliseconds": duration}
            logger.log(level, "%s %s %s", method, path, status, extra={"details": details})


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
    return f"{getrandbits(128):032x}"  # nosec B311
