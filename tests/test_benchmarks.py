"""The benchmark runs: what it measures is nobody's business here."""

import subprocess
import sys

from hubportal.environment import BASE_DIR


def test_benchmark_prints_a_row_for_each_page():
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks",
        "--companies",
        "50",
        "--seconds",
        "0",
        "--saves",
        "1",
    ]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert len(rows) == 10
    assert {len(row) for row in rows} == {11}
    assert "0 failed" in done.stdout
    assert "Peak memory of a worker" in done.stdout
