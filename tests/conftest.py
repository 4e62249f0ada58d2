"""The environment of the suite, and builders of small valid records."""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import django
import pytest
import redis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from redis.backoff import ConstantBackoff
from redis.retry import Retry

scratch = tempfile.TemporaryDirectory(prefix="hubportal-tests-")
atexit.register(scratch.cleanup)
os.environ.update(
    ENV_FILE=os.devnull,
    DJANGO_SETTINGS_MODULE="hubportal.settings",
    DEBUG="0",
    SECRET_KEY="for-tests-only-" + "x" * 40,
    ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    SITE_URL="http://testserver",
    HASHED_STATIC="0",
    PAGE_CACHE_MB="0",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", ""),
)

# The environment has to be complete before the settings are read, which a plugin would do too early.
django.setup()

from django.conf import settings  # noqa: E402

from hubportal import content_log  # noqa: E402
from hubportal.patience import patience  # noqa: E402

# Not by the environment: workers inherit that, and would hear of each other's commits.
settings.CONTENT_LOG = Path(scratch.name, "content-log")


@pytest.fixture(autouse=True)
def nothing_left():
    """A test's requests leave their patience, and rolled-back rows stay noted (journal.touch)."""
    patience.set(None)
    yield
    for connection in connections.all(initialized_only=True):
        vars(connection).pop("touched_content", None)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    """(process, address) of a Redis of this run alone."""
    if not shutil.which("redis-server"):
        # Where the checks must be whole, a server that is missing is a failure and no excuse.
        absent = pytest.fail if os.environ.get("CI") else pytest.skip
        absent("There is no redis-server. On Debian: apt-get install redis-server")
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", "0", "--unixsocket", folder / "sock", "--save", "", "--dir", folder]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        client = redis.Redis(unix_socket_path=str(folder / "sock"), retry=Retry(ConstantBackoff(0.05), 200))
        client.ping()
        client.close()
        yield process, f"unix://{folder}/sock"
        process.terminate()


@pytest.fixture
def one_connection():
    """Keep the test's own connection, as Django's client does: the end of a request would close it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """A context at whose end everybody hears of a commit, as behind a request: log, index, cache."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture(autouse=True)
def other_content():
    """No commit tells of a test's content that it is gone: what was kept of the last one is old."""
    content_log.append(None)
