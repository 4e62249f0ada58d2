"""Numbers for Prometheus: counted together by all processes, shown to whoever has the token."""

import os
import subprocess
import sys

import pytest
from django.db import OperationalError, connection

from ecosystem.models import Company
from hubportal import metrics
from hubportal.environment import BASE_DIR
from hubportal.metrics import BOUNDS, Counters
from tests.builders import build, populate

pytestmark = pytest.mark.django_db
TOKEN = "a token"  # noqa: S105


@pytest.fixture
def configured(settings, tmp_path):
    settings.METRICS_TOKEN, settings.METRICS_FILE = TOKEN, tmp_path / "var" / "metrics"
    return Counters(settings.METRICS_FILE)


def read(client):
    """{name with labels: number} of everything that is told."""
    response = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    lines = [line for line in response.content.decode().splitlines() if line and not line.startswith("#")]
    return {name: float(number) for name, _, number in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer another"}, {"authorization": TOKEN}])
def test_metrics_without_the_token_are_not_there(client, configured, header):
    assert client.get("/metrics", headers=header).status_code == 404


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer "}])
def test_metrics_that_nobody_asked_for_are_not_there(client, header):
    assert client.get("/metrics", headers=header).status_code == 404


def test_requests_stand_in_their_bucket_and_in_all_above(client, configured):
    for status, seconds in [(200, 0.003), (204, 0.3), (404, 0.02), (500, 60)]:
        configured.observe(status, seconds)
    told, name = read(client), "hubportal_request_duration_seconds"
    assert [told[f'{name}_bucket{{status="2xx",le="{bound}"}}'] for bound in BOUNDS] == [1] * 6 + [2] * 5
    assert told[f'{name}_count{{status="2xx"}}'] == told[f'{name}_bucket{{status="2xx",le="+Inf"}}'] == 2
    assert told[f'{name}_sum{{status="2xx"}}'] == pytest.approx(0.303)
    assert told[f'{name}_count{{status="4xx"}}'] == 1
    assert told[f'{name}_bucket{{status="5xx",le="10"}}'] == 0
    assert told[f'{name}_bucket{{status="5xx",le="+Inf"}}'] == 1


def test_metrics_tell_how_much_there_is(client, configured):
    populate(2)
    build(Company, "unfinished", state="draft")
    told = read(client)
    assert told['hubportal_records{kind="company",state="published"}'] == 2
    assert told['hubportal_records{kind="company",state="draft"}'] == 1
    assert told["hubportal_sources"] > 0
    assert sum(number for name, number in told.items() if name.startswith("hubportal_statements")) > 0


def test_requests_are_told_while_the_database_does_not_answer(client, configured, monkeypatch):
    def fail():
        raise OperationalError

    configured.observe(503, 0.1)
    assert read(client)["hubportal_database_up"] == 1
    monkeypatch.setattr(connection, "cursor", fail)
    told = read(client)
    assert told["hubportal_database_up"] == 0
    assert told['hubportal_request_duration_seconds_count{status="5xx"}'] == 1
    assert not [name for name in told if name.startswith("hubportal_records")]


WORK = """
import sys, threading
from pathlib import Path
import django
django.setup()
from hubportal.metrics import Counters
counters = Counters(Path(sys.argv[1]))
work = lambda: [counters.observe(200, 0.001) for _ in range(500)]
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_no_count_is_lost_between_threads_and_processes(tmp_path):
    path = tmp_path / "metrics"
    processes = [subprocess.Popen([sys.executable, "-c", WORK, str(path)], cwd=BASE_DIR) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert sum(Counters(path).read()["2xx"][0]) == 2 * 4 * 500


def test_counts_outlive_the_process(tmp_path):
    Counters(tmp_path / "metrics").observe(200, 1)
    assert sum(Counters(tmp_path / "metrics").read()["2xx"][0]) == 1


def test_file_of_counts_is_its_owners_and_no_link(tmp_path):
    Counters(tmp_path / "metrics")
    assert (tmp_path / "metrics").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        Counters(tmp_path / "link")


def test_last_backup_is_told_by_the_newest_that_is_whole(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    assert not [line for line in metrics.last_backup() if not line.startswith("#")]
    for name in ("hubportal-20260101T000000Z.dump", "hubportal-20260102T000000Z.dump", ".hubportal-2.dump"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 1000 + len(list(tmp_path.iterdir()))))
    assert list(metrics.last_backup())[-1] == "hubportal_last_backup_timestamp_seconds 1002"
