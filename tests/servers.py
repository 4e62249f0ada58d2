"""Real servers for tests: gunicorn as it is shipped, and a plain client that tells how it went."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

from hubportal.environment import BASE_DIR

SECONDS_TO_START = 60


@dataclass
class Answer:
    status: int
    headers: dict
    content: bytes
    seconds: float


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("testserver", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Server:
    """gunicorn on a Unix socket, with the configuration that is shipped; `environment` is all it knows."""

    def __init__(self, folder, **environment):
        self.socket, self.log = folder / "web.sock", folder / "web.log"
        self.environment = server_environment(folder, **environment)
        command = [sys.executable, "-m", "gunicorn", "hubportal.wsgi", "--config", "deploy/gunicorn.conf.py"]
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [*command, "--bind", f"unix:{self.socket}"],
                cwd=BASE_DIR,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ask(self, path="/about/", method="GET", body=None, timeout=30, **headers):
        began, connection = time.monotonic(), UnixConnection(self.socket, timeout)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        return Answer(response.status, response.headers, content, time.monotonic() - began)

    def wait(self, is_good, seconds=SECONDS_TO_START):
        """The first answer to /healthz, or whatever `is_good` asks for, that is good. Returns the seconds."""
        began = time.monotonic()
        while True:
            try:
                if is_good():
                    return time.monotonic() - began
            except OSError:
                pass
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < seconds, self.log.read_text()
            time.sleep(0.05)

    def workers(self):
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(children) as file:
            return [int(word) for word in file.read().split()]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=40)
        finally:
            self.process.kill()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server_environment(folder, **environment):
    """What a production server is told, with every file of its own in a folder."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "for-tests-only-" + "x" * 40,
        "ALLOWED_HOSTS": "testserver",
        "SITE_URL": "http://testserver",
        "HASHED_STATIC": "0",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "CONTENT_LOG": str(folder / "content-log"),
        "DATASET_DIR": str(folder / "dataset"),
        "METRICS_FILE": str(folder / "metrics"),
        **environment,
    }


def manage(environment, *arguments, **options):
    """Run a command of manage.py in a process of its own."""
    command = [sys.executable, str(BASE_DIR / "manage.py"), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **options)


@contextmanager
def serving(folder, **environment):
    server = Server(folder, **environment)
    try:
        server.wait(lambda: server.ask("/healthz").status == 200)
        yield server
    finally:
        server.stop()
