"""What commits touched, for all processes to read: where this log ends is the version of the content.

Whatever is derived from content and kept (finished pages, the index of lists) is good for one such end. On
one host the log is a file that grows by a line a commit; asking for its end costs two microseconds. Several
hosts share a stream of Redis (REDIS_URL), where it costs fifty. A line is JSON: {model: [primary keys]}.
"""

import json
import logging
import os
import time
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)
# Of a commit that touched more rows only that is told: reading everything anew is then cheaper.
MOST_KEYS = 1000
# A file that has grown past this many bytes is begun anew.
LARGEST = 2**22
# Seconds for which a Redis that did not answer is not asked again.
PAUSE = 5


class FileLog:
    def __init__(self, path):
        self.path = Path(path)

    def end(self):
        """Where the log ends. Its size tells two commits apart whatever the resolution of the clock."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return (0, 0)
        return found.st_ino, found.st_size

    def append(self, line):
        """Add a line in one write, so that no other process's line gets into it.

        A line that goes to a file just replaced is lost, but the new file says to read all anew.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{line}\n".encode())
            is_full = file.tell() > LARGEST
        if is_full:
            fresh = self.path.with_suffix(f".{os.getpid()}")
            fresh.touch()
            fresh.replace(self.path)

    def since(self, end):
        """The lines after an earlier end; None where they cannot be told any more."""
        inode, size = end
        with self.path.open("rb") as file:
            if os.fstat(file.fileno()).st_ino != inode:
                return None
            file.seek(size)
            return file.read().decode().splitlines()


class RedisLog:
    KEY = "hubportal:content-log"

    def __init__(self, url):
        import redis

        self.redis = redis.Redis.from_url(
            url, socket_timeout=0.5, socket_connect_timeout=0.5, decode_responses=True
        )
        self.error = redis.RedisError
        self.silent_until = 0

    def end(self):
        """The id of the last entry, or None while Redis does not answer: nothing may be kept then."""
        if time.monotonic() < self.silent_until:
            return None
        try:
            last = self.redis.xrevrange(self.KEY, count=1)
        except self.error:
            logger.exception("Redis does not answer. Pages are made anew for each request.")
            self.silent_until = time.monotonic() + PAUSE
            return None
        return last[0][0] if last else "0-0"

    def append(self, line):
        try:
            self.redis.xadd(self.KEY, {"line": line}, maxlen=1000)
        except self.error as error:
            raise OSError("Redis does not answer.") from error

    def since(self, end):
        try:
            entries = self.redis.xrange(self.KEY, min=end)
        except self.error:
            return None
        if not entries or entries[0][0] != end:
            return None
        return [fields["line"] for _, fields in entries[1:]]


@lru_cache
def log():
    return RedisLog(settings.REDIS_URL) if settings.REDIS_URL else FileLog(settings.CONTENT_LOG)


def version():
    """The version of the content: equal as long as nothing was committed. None: not known now."""
    return log().end()


def append(touched):
    """Tell all processes of a commit that touched these rows: {model: primary keys}; None: any row."""
    line = None
    if touched is not None and sum(map(len, touched.values())) <= MOST_KEYS:
        line = {model._meta.model_name: sorted(keys) for model, keys in touched.items()}
    try:
        log().append(json.dumps(line))
    except OSError:
        # The commit stands, so its request must not fail. Kept pages live for a minute at most.
        logger.exception("Cannot tell other processes of a change. Readers see it within a minute.")


def since(version):
    """What was touched after a version: {model name: set of primary keys}; None: it cannot be told."""
    lines = log().since(version)
    if lines is None:
        return None
    touched = defaultdict(set)
    for line in map(json.loads, lines):
        if line is None:
            return None
        for name, keys in line.items():
            touched[name].update(keys)
    return touched
