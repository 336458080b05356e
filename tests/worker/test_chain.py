"""A chain of steps over the three pools."""

from __future__ import annotations

from tests.worker.jobs import Jobs


def test_a_chain_runs_over_three_pools(live: Jobs) -> None:
    """Each step runs in its own pool, builds on the output before, and the last output is the job's result."""
    view = live.finished(live.submit("test.chain", start=1))
    assert (view["state"], view["result"]) == ("succeeded", {"value": 25})
    assert [(s["name"], s["pool"], s["state"]) for s in view["steps"]] == [
        ("first", "io", "done"),
        ("second", "cpu", "done"),
        ("third", "gpu", "done"),
    ]
    assert [s["worker"].split("@")[0] for s in view["steps"]] == ["io", "cpu", "gpu"]
