"""The benchmark runs, and its contestants make the same pages: what it measures is nobody's business here."""

import os
import subprocess
import sys

import pytest

from hubportal.environment import BASE_DIR

COMPARED = """
import zlib

import django

django.setup()
from django.test import Client

from tests.benchmarks import raw
from tests.benchmarks.measuring import EVERYWHERE

asked = {"PATH_INFO": "/companies.csv", "QUERY_STRING": EVERYWHERE}
theirs = zlib.decompress(b"".join(raw.application(asked, lambda status, headers: None)), 31)
print(Client(headers={"host": "localhost"}).get(f"/companies.csv?{EVERYWHERE}").getvalue() == theirs)
print(theirs.count(b"\\n"))
"""


def run(*arguments, **environment):
    command = [sys.executable, *arguments]
    environment = {**os.environ, **environment}
    return subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """(what the benchmark printed, the database that it left)"""
    folder = tmp_path_factory.mktemp("benchmark")
    options = ["--companies", "50", "--seconds", "0", "--saves", "1", "--directory", str(folder)]
    done = run("-m", "tests.benchmarks", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder / "50.sqlite3"


def test_benchmark_prints_a_row_for_each_page(measured):
    printed, _ = measured
    rows = [line.split(" | ") for line in printed.splitlines() if line.startswith("| ")]
    assert len(rows) == 16
    assert {len(row) for row in rows} == {13}
    assert "0 failed" in printed
    assert "Peak memory of a worker" in printed


def test_raw_contestant_tells_what_the_portal_tells(measured):
    _, path = measured
    compared = run(
        "-c",
        COMPARED,
        ENV_FILE=os.devnull,
        DATABASE_URL=f"sqlite:///{path}",
        SECRET_KEY="x" * 50,
        ALLOWED_HOSTS="localhost",
        SITE_URL="http://localhost",
        CONTENT_LOG=f"{path}-log",
        DJANGO_SETTINGS_MODULE="hubportal.settings",
    )
    assert compared.stdout.split() == ["True", "51"], compared.stderr
