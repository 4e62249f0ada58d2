"""Contestants on the same gunicorn, and a client that costs next to nothing itself."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = "Host: localhost\r\nAccept-Encoding: gzip\r\n"


class Client:
    """One connection that is kept alive. Raises RuntimeError where the server fails."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(address)

    def get(self, path, extra=""):
        """(head, number of bytes of the body as sent) of an answer."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{HEADERS}{extra}\r\n".encode())
        received = self.socket.recv(2**18)
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self.more()
        head, received = received[: end + 2], received[end + 4 :]
        if head.startswith(b"HTTP/1.1 5"):
            raise RuntimeError(f"{path}: {head[:200]!r}")
        if length := re.search(rb"(?i)\r\ncontent-length: (\d+)", head):
            number = len(received)
            while number < int(length[1]):
                number += len(self.more())
            return head, number
        number = len(received)
        while not received.endswith(b"0\r\n\r\n"):
            part = self.more()
            number, received = number + len(part), (received + part)[-5:]
        return head, number

    def more(self):
        part = self.socket.recv(2**20)
        if not part:
            raise RuntimeError("The server hung up.")
        return part


class Server:
    def __init__(self, address, process):
        self.address, self.process = address, process
        self.client = Client(address)

    @property
    def worker(self):
        """What Linux tells of the worker, as a directory."""
        [child] = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return Path(f"/proc/{child}")

    def memory(self):
        """The most that the worker ever held, in MB."""
        return int(re.search(r"VmHWM:\s+(\d+)", (self.worker / "status").read_text())[1]) / 1024

    def processor_time(self):
        """Seconds that the worker's threads have run so far."""
        return sum(int(file.read_text().split()[0]) for file in self.worker.glob("task/*/schedstat")) / 1e9


@contextmanager
def served(module, **environment):
    """A Server of `module:application` with one worker of four threads."""
    with tempfile.TemporaryDirectory(prefix="hubportal-benchmark-") as folder:
        address = f"{folder}/socket"
        options = [
            "--bind",
            f"unix:{address}",
            "--worker-class",
            "gthread",
            "--workers",
            "1",
            "--threads",
            "4",
        ]
        options += [
            "--no-control-socket",
            "--log-level",
            "error",
            "--timeout",
            "300",
            "--keep-alive",
            "3600",
            "--chdir",
            str(ROOT),
        ]
        command = [sys.executable, "-m", "gunicorn", f"{module}:application", *options]
        # The heap as deploy/ has it.
        process = subprocess.Popen(command, env={**os.environ, "MALLOC_ARENA_MAX": "1", **environment})
        try:
            yield Server(address, wait_for(address, process))
        finally:
            process.terminate()
            process.wait()


def wait_for(address, process):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            Client(address)
        except OSError:
            time.sleep(0.05)
        else:
            return process
    raise RuntimeError("gunicorn did not start.")
