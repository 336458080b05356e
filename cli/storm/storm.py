"""One storm from its first process to its verdict."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import requests

from cli.storm.count import DOUBTFUL, OPEN, Verdict, judge
from cli.storm.faults import BACKGROUND_RULE, Faults
from cli.storm.load import Load
from cli.storm.plan import plan_jobs, plan_strikes
from cli.storm.recovery import Recovery, percentile, rows
from cli.storm.stack import SETTINGS, StormStack
from core.errors import Conflict, Unavailable
from core.settings import get_settings
from models.session import org_session
from worker import control

DRAIN_SECONDS = 180.0  # after the last fault, for the longest back-offs; and some for each job
DRAIN_SECONDS_A_JOB = 0.5
TICK_SECONDS = 0.1
TELL_SECONDS = 10.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """lost: accepted jobs that are not there, did not succeed, or whose record contradicts itself. stuck: not final in
    time after the last fault. duplicate and missing effects: by the vendor's ledger. needs_review: effects that waited
    for a person. recovery_p99_s: see recovery.py; None when no running step was hit."""

    seed: int
    jobs: int
    faults: int
    lost: int
    stuck: int
    duplicate_effects: int
    missing_effects: int
    needs_review: int
    recovery_p99_s: float | None
    is_clean: bool


class Storm:
    def __init__(self, jobs: int, seconds: float, seed: int, *, say: Say) -> None:
        self._works = plan_jobs(jobs, seconds, seed)
        self._strikes = plan_strikes(seconds, seed)
        self._seconds, self._seed, self._say = seconds, seed, say
        self._reviewed: set[str] = set()

    def run(self) -> Report:
        """Raises Unavailable when the stack does not start. The stack's folder is kept when something was found."""
        home = Path(tempfile.mkdtemp(prefix="drumbeat-storm-"))
        stack = StormStack(home)
        self._say(f"storm {self._seed}: {len(self._works)} jobs, {len(self._strikes)} faults in {self._seconds:g} s; logs in {home}")
        self._say(
            "short settings: " + ", ".join(f"{name}={SETTINGS[name]}" for name in ("VENDOR_TIMEOUT_SECONDS", "VENDOR_SETTLE_SECONDS"))
        )
        with stack:
            report = self._judged(stack, *self._blow(stack))
        if report.is_clean:
            stack.remove()
        return report

    def _blow(self, stack: StormStack) -> tuple[Load, Faults, Recovery]:
        load, recovery = Load(stack.api_url, self._works), Recovery(stack.postgres.url)
        faults = Faults(stack, recovery, get_settings().lease_seconds)
        load.register()
        faults.order(BACKGROUND_RULE, self._seed)
        begun = time.monotonic()
        load.start()
        for strike in self._strikes:
            self._tend_until(stack, begun + strike.at)
            met = faults.strike(strike)
            self._say(f"{time.monotonic() - begun:6.1f} s  {strike.fault}{'' if met else ' (met nobody)'}")
        self._tend_until(stack, begun + self._seconds)
        self._say("the faults are over")
        stack.calm()
        self._drain(stack, load)
        load.stop()
        return load, faults, recovery

    def _tend_until(self, stack: StormStack, moment: float) -> None:
        while time.monotonic() < moment:
            stack.tend()
            time.sleep(TICK_SECONDS)

    def _drain(self, stack: StormStack, load: Load) -> None:
        """Return when all jobs are final, or when they had time enough."""
        begun = time.monotonic()
        patience = DRAIN_SECONDS + DRAIN_SECONDS_A_JOB * len(self._works)
        told = begun
        while time.monotonic() < begun + patience:
            self._tend_until(stack, time.monotonic() + 0.5)
            left = self._left(stack)
            if left == 0 and load.is_over:
                self._say(f"all jobs were final {time.monotonic() - begun:.1f} s later")
                return
            if time.monotonic() > told + TELL_SECONDS:
                told = time.monotonic()
                self._say(f"{left} jobs are open")

    def _left(self, stack: StormStack) -> int | None:
        """Open jobs, after a person has settled what is in doubt; None while Postgres is away."""
        try:
            for effect in rows(stack.postgres.url, DOUBTFUL):
                self._settle(stack, effect)
            return int(rows(stack.postgres.url, OPEN)[0]["n"])
        except psycopg2.OperationalError:
            return None

    def _settle(self, stack: StormStack, effect: dict[str, Any]) -> None:
        """The person's part: look at the vendor by other means, and say what is true."""
        self._reviewed.add(effect["key"])
        made = bool(_ledger(stack, key=effect["key"]))
        with contextlib.suppress(Conflict, Unavailable), org_session(effect["org_id"]) as session:  # else at the next look
            control.resolve_effect(session, effect["id"], sent=made)

    def _judged(self, stack: StormStack, load: Load, faults: Faults, recovery: Recovery) -> Report:
        verdict = judge(stack.postgres.url, self._works, load.accepted, _ledger(stack), self._reviewed)
        verdict.lost += [f"{key} was refused: {why}" for key, why in load.refused.items()]
        taken = recovery.seconds()
        self._tell(verdict, faults, taken)
        p99 = percentile([seconds for seconds, _ in taken], 0.99)
        return Report(
            seed=self._seed,
            jobs=len(self._works),
            faults=faults.struck.total(),
            lost=len(verdict.lost),
            stuck=len(verdict.stuck),
            duplicate_effects=len(verdict.duplicate_effects),
            missing_effects=len(verdict.missing_effects),
            needs_review=len(self._reviewed),
            recovery_p99_s=None if p99 is None else round(p99, 2),
            is_clean=not verdict.findings,
        )

    def _tell(self, verdict: Verdict, faults: Faults, taken: list[tuple[float, str]]) -> None:
        self._say("faults: " + ", ".join(f"{name} {count}" for name, count in sorted(faults.struck.items())))
        self._say(f"{len(taken)} interrupted steps ran again: " + ", ".join(f"{seconds:.1f} s {fault}" for seconds, fault in taken))
        for finding in verdict.findings:
            self._say(f"FOUND: {finding}")


def _ledger(stack: StormStack, key: str = "") -> list[dict[str, Any]]:
    answer = requests.get(f"{stack.sandbox_url}/_sandbox/ledger", params={"vendor": "counter", "key": key}, timeout=30)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found
