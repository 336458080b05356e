"""The proof of the engine: two minutes of killed processes, and nothing lost or done twice."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from cli.procfile import ROOT
from cli.storm.plan import DECK, leaves, plan_jobs, plan_strikes


@pytest.mark.storm
@pytest.mark.timeout(900)
def test_two_minutes_of_faults_lose_nothing_and_do_nothing_twice() -> None:
    """Jobs, publishes and fan-ins come through kills of every process, counted from the vendor's own ledger."""
    report = storm("--jobs", "250", "--seconds", "120", "--seed", "1")
    wrong = {name: report[name] for name in ("lost", "stuck", "duplicate_effects", "missing_effects")}
    assert wrong == dict.fromkeys(wrong, 0)
    assert report["faults"] > len(DECK)
    assert report["jobs"] == 250


def storm(*options: str) -> dict[str, Any]:
    """The command's JSON; what it said on stderr is in the failure when it found something."""
    command = [sys.executable, "-m", "cli.main", "storm", *options, "-o", "json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_a_seed_plans_the_same_storm_again() -> None:
    """A storm that found something can be repeated by its seed, and another seed is another storm."""
    assert (plan_jobs(50, 60, 7), plan_strikes(60, 7)) == (plan_jobs(50, 60, 7), plan_strikes(60, 7))
    assert plan_strikes(60, 7) != plan_strikes(60, 8)


def test_two_minutes_meet_every_fault() -> None:
    """No fault is left to luck in the storm of the suite."""
    assert {strike.fault for strike in plan_strikes(120, 1)} == set(DECK)


def test_every_leaf_of_a_nested_fan_has_its_own_key() -> None:
    """What is counted at the vendor are all leaves, each once."""
    keys = list(leaves("root", 3, 1))
    assert len(keys) == len(set(keys)) == 9
