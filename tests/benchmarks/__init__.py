"""How fast the portal is beside three yardsticks: `uv run --group dev python -m tests.benchmarks --help`."""
