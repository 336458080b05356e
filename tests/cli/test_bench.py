"""`drumbeat bench`: which benchmarks there are, and how a row reads."""

from __future__ import annotations

from click.testing import CliRunner

from benchmarks.row import Row
from cli.bench import command, names


def test_benchmarks_are_found_by_their_rows() -> None:
    """A new benchmark is a file; what the benchmarks are made of is not offered."""
    assert "jobs" in names()
    assert not {"row", "stack", "kinds", "stock_celery"} & set(names())


def test_an_unknown_benchmark_names_the_known_ones() -> None:
    """A wrong name is a usage error that says what there is."""
    answer = CliRunner().invoke(command, ["nonsense"])
    assert answer.exit_code == 2
    assert "'jobs'" in answer.output


def test_a_ratio_is_ours_over_the_peers() -> None:
    """Below one means that the peer's figure is higher, whatever the unit."""
    assert Row("jobs", ours=300, peer=400, unit="jobs/s").ratio == 0.75
