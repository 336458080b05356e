"""Chores: one that fails keeps no other from running."""

from __future__ import annotations

import pytest

from worker import upkeep


def test_a_failing_chore_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first raises, the second still runs."""
    done: list[str] = []
    monkeypatch.setattr(upkeep, "_chores", [])

    @upkeep.chore
    def fails() -> None:
        raise ValueError("no")

    @upkeep.chore
    def works() -> None:
        done.append("works")

    upkeep.run_chores()
    assert done == ["works"]
