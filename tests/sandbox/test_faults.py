"""Faults on order, and the ledger that tells what was done in spite of them."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
import requests

from sandbox.faults import Faults, Rule
from sandbox.ledger import Ledger
from sandbox.store import Store
from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess


def test_a_lost_answer_leaves_the_work_done(counter: Vendor, sandbox: SandboxProcess) -> None:
    """The connection is reset, and the ledger has the effect, marked unanswered, before the caller knows of it."""
    sandbox.fault(vendor="counter", mode="lose_answer", times=1)
    with pytest.raises(requests.ConnectionError):
        counter.post("/effects", json={"key": "k"})
    [effect] = sandbox.ledger(vendor="counter")
    assert (effect["key"], effect["answered"], effect["fault"]) == ("k", False, "lose_answer")


def test_a_dropped_request_does_no_work(counter: Vendor, sandbox: SandboxProcess) -> None:
    """To the caller it looks the same as a lost answer."""
    sandbox.fault(vendor="counter", mode="drop", times=1)
    with pytest.raises(requests.ConnectionError):
        counter.post("/effects", json={"key": "k"})
    assert sandbox.ledger() == []
    assert counter.post("/effects", json={"key": "k"}).status_code == 201


def test_a_late_answer_comes_after_the_work(counter: Vendor, sandbox: SandboxProcess) -> None:
    """The effect is in the ledger although the caller has given up waiting."""
    sandbox.fault(vendor="counter", mode="late", seconds=20, times=1)
    with pytest.raises(requests.Timeout):
        requests.post(f"{counter.root}/effects", json={"key": "k"}, timeout=0.5)
    assert len(sandbox.ledger(vendor="counter")) == 1


def test_a_timeout_does_no_work(counter: Vendor, sandbox: SandboxProcess) -> None:
    """Nothing is answered, nothing is done."""
    sandbox.fault(vendor="counter", mode="timeout", seconds=20, times=1)
    with pytest.raises(requests.Timeout):
        requests.post(f"{counter.root}/effects", json={"key": "k"}, timeout=0.5)
    assert sandbox.ledger() == []


def test_a_throttle_says_when_to_come_back(counter: Vendor, sandbox: SandboxProcess) -> None:
    """429 with Retry-After, in whole seconds."""
    sandbox.fault(vendor="counter", mode="throttle", retry_after=7, times=1)
    answer = counter.post("/effects", json={"key": "k"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_a_slow_body_arrives_whole(counter: Vendor, sandbox: SandboxProcess) -> None:
    """In pieces, over the ordered time."""
    sandbox.fault(vendor="counter", mode="slow_body", seconds=1, times=1)
    started = time.monotonic()
    assert counter.post("/paid", json={"key": "k"}).json()["cost"] == "0.0100"
    assert time.monotonic() - started > 0.8


def test_no_lookup_lets_posts_through(counter: Vendor, sandbox: SandboxProcess) -> None:
    """Effects are made, but nobody can look whether they were: the outcome stays in doubt."""
    sandbox.fault(vendor="counter", mode="no_lookup")
    assert counter.post("/effects", json={"key": "k"}).status_code == 201
    assert counter.get("/effects", params={"key": "k"}).status_code == 503


def test_effects_have_no_idempotency(counter: Vendor) -> None:
    """Two calls with one key are two effects: that is what a duplicate is counted by."""
    counter.post("/effects", json={"key": "k"})
    counter.post("/effects", json={"key": "k"})
    assert len(counter.get("/effects", params={"key": "k"}).json()["effects"]) == 2


def test_a_wrong_rule_is_refused(sandbox: SandboxProcess) -> None:
    """An unknown field or mode would else be a fault that silently never happens."""
    for rule in (
        {"vendor": "x", "mode": "explode"},
        {"vendor": "x", "mode": "error", "path": "/2"},
        {"vendor": "x", "mode": "error", "route": "("},
    ):
        assert requests.post(f"{sandbox.url}/_sandbox/faults", json=rule, timeout=10).status_code == 422


def test_random_faults_repeat_by_seed(tmp_path: Path) -> None:
    """The same seed strikes the same calls."""
    struck = []
    for name in ("one", "two"):
        faults = Faults(Store(tmp_path / name))
        faults.add(Rule(vendor="x", mode="error", probability=0.4, seed=7))
        struck.append([faults.match("x", "POST", "/2/tweets") is not None for _ in range(50)])
    assert struck[0] == struck[1]
    assert 5 < sum(struck[0]) < 40


def test_rules_fire_as_often_as_ordered_over_restarts(tmp_path: Path) -> None:
    """A sandbox that is started again goes on counting where it stopped."""
    faults = Faults(Store(tmp_path))
    faults.add(Rule(vendor="x", mode="error", times=2))
    assert faults.match("x", "GET", "/")
    again = Faults(Store(tmp_path))
    assert again.match("x", "GET", "/")
    assert again.match("x", "GET", "/") is None


def test_effects_are_written_through_to_the_disk(tmp_path: Path) -> None:
    """Another process sees the row as soon as `record` returns, and the file is in the mode that survives a kill."""
    store = Store(tmp_path)
    Ledger(store).record("x", "post", "k", {"text": "k"}, at=1.0)
    with sqlite3.connect(tmp_path / "sandbox.sqlite3") as other:
        assert other.execute("SELECT key FROM effects").fetchall() == [("k",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store.execute("PRAGMA synchronous")[0][0] == 2


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    """A post without its ledger row, or the other way round, cannot be."""
    store = Store(tmp_path)

    def post_and_fail() -> None:
        with store.transaction():
            store.put("x.post", "1", {"text": "a"})
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        post_and_fail()
    assert store.get("x.post", "1") is None
