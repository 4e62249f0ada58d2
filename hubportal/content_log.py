"""What commits touched, for all processes to read: where this log ends is the version of the content.

Whatever is derived from content and kept (finished pages, the index of lists) is good for one such end. On
one host the log is a small file, whose end each process sees in its own memory; Redis, whose stream several
hosts share (REDIS_URL), is asked each time. A line is JSON: {model: [primary keys]}.
"""

import fcntl
import json
import logging
import mmap
import os
import time
from collections import defaultdict
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from hubportal.files import identity

logger = logging.getLogger(__name__)
# Of a commit that touched more rows only that is told: reading everything anew is then cheaper.
MOST_KEYS = 1000
# Bytes of lines that the file holds; they go round in it, new ones over old ones.
ROOM = 2**20
# Bytes of the number before them. It grows by the bytes of each line, and tells where the next one goes.
END = 8
# Seconds after which a process looks whether its file is still the one of that name.
LOOK = 1
# Seconds for which a Redis that did not answer is not asked again.
PAUSE = 5


class FileLog:
    def __init__(self, path):
        self.path = Path(path)
        self.number, self.known, self.look_at = None, None, 0

    def end(self):
        """Where the log ends, or None while the file cannot be used: nothing may be kept then.

        It is read from memory that all processes share: a call of the system takes a tenth of the time in
        which a kept page goes out.
        """
        if time.monotonic() >= self.look_at:
            self.look()
        return self.number and self.number[0]

    def look(self):
        """Map the end into memory, anew if another file has taken the place of the one known."""
        self.look_at = time.monotonic() + LOOK
        try:
            if self.known is None or identity(self.path) != self.known:
                with self.opened() as file:
                    self.number, self.known = mapped(file), identity(file)
        except OSError:
            logger.exception("Cannot read what changed. Pages are made anew for each request.")
            self.number, self.known = None, None

    @contextmanager
    def opened(self):
        """The file, which nobody else opens meanwhile; begun if there is none."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.fstat(file).st_size < END:
                # By chance, so that no end of a file that was here before comes again.
                os.pwrite(file, os.urandom(END - 1), 0)
                os.ftruncate(file, END)
            yield file
        finally:
            # What maps the file keeps it open, and with it the lock.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)

    def append(self, line):
        """Add a line, shorter than ROOM. Whoever dies while writing it has added nothing."""
        line = f"{line}\n".encode()
        with self.opened() as file:
            number = mapped(file)
            fits = ROOM - number[0] % ROOM
            os.pwrite(file, line[:fits], END + number[0] % ROOM)
            os.pwrite(file, line[fits:], END)
            number[0] += len(line)

    def since(self, end):
        """The lines after an earlier end; None where they cannot be told any more."""
        with self.opened() as file:
            length = mapped(file)[0] - end
            if not 0 <= length <= ROOM:
                return None
            first = os.pread(file, length, END + end % ROOM)
            return (first + os.pread(file, length - len(first), END)).decode().splitlines()


def mapped(file):
    """The number in front, as memory that all processes share: one of them writes it in one go."""
    return memoryview(mmap.mmap(file, END)).cast("Q")


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
    try:
        lines = log().since(version)
    except OSError:
        lines = None
    if lines is None:
        return None
    touched = defaultdict(set)
    for line in map(json.loads, lines):
        if line is None:
            return None
        for name, keys in line.items():
            touched[name].update(keys)
    return touched
