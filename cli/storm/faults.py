"""The faults of a storm, by the names that its plan uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import requests

from cli.storm.members import Member
from cli.storm.plan import Strike
from cli.storm.recovery import Recovery
from cli.storm.stack import StormStack

PAST_THE_LEASE = 3.0  # seconds that a frozen worker stays so after its lease ran out

VENDOR_RULES: dict[str, dict[str, Any]] = {
    "vendor-loses-answers": {"mode": "lose_answer", "times": 4},
    "vendor-fails": {"mode": "error", "times": 3, "retry_after": 1},
    "vendor-throttles": {"mode": "throttle", "times": 2, "retry_after": 2},
    "vendor-hangs": {"mode": "timeout", "times": 2, "seconds": 6},
    "vendor-answers-late": {"mode": "late", "times": 2, "seconds": 6},
    "vendor-hides": {"mode": "hide", "times": 6, "seconds": 4},
    "vendor-drops": {"mode": "drop", "times": 3},
}
BACKGROUND_RULE = {"mode": "lose_answer", "probability": 0.1}


class Faults:
    """Strikes the stack; `struck` counts what was really done (a fault without a victim is none)."""

    def __init__(self, stack: StormStack, recovery: Recovery, lease_seconds: float) -> None:
        self.struck: Counter[str] = Counter()
        self._stack, self._recovery = stack, recovery
        self._freeze_seconds = lease_seconds + PAST_THE_LEASE
        self._by_name: dict[str, Callable[[Strike], bool]] = {
            "kill-child": self._kill_child,
            "kill-beat": lambda strike: self._kill("beat", strike),
            "kill-api": lambda strike: self._kill("api", strike),
            "kill-sandbox": lambda strike: self._kill("sandbox", strike),
            "flush-redis": lambda _: stack.flush_redis(),
            "kill-redis": self._kill_redis,
            "stop-postgres": self._stop_postgres,
            **{f"kill-{pool}": self._kill_worker for pool in ("io", "cpu", "gpu")},
            **{f"freeze-{pool}": self._freeze for pool in ("io", "cpu", "gpu")},
        }

    def strike(self, strike: Strike) -> bool:
        """Do it; whether it met a victim."""
        rule = VENDOR_RULES.get(strike.fault)
        done = self.order(rule, strike.pick) if rule else self._by_name[strike.fault](strike)
        self.struck[strike.fault] += done
        return done

    def order(self, rule: dict[str, Any], seed: int) -> bool:
        """Tell the vendor to misbehave; False while the sandbox is down."""
        try:
            url = f"{self._stack.sandbox_url}/_sandbox/faults"
            return requests.post(url, json={"vendor": "counter", "seed": seed, **rule}, timeout=5).ok
        except requests.RequestException:
            return False

    def _victim(self, strike: Strike) -> Member | None:
        pool = strike.fault.rpartition("-")[2]
        awake = [worker for worker in self._stack.workers if worker.pool == pool and worker.pid and not worker.is_frozen]
        return awake[strike.pick % len(awake)] if awake else None

    def _kill(self, name: str, strike: Strike) -> bool:
        self._stack.members[name].kill(strike.seconds)
        return True

    def _kill_worker(self, strike: Strike) -> bool:
        victim = self._victim(strike)
        if victim:
            self._recovery.note(victim.node, strike.fault)
            victim.kill(strike.seconds)
        return victim is not None

    def _kill_child(self, strike: Strike) -> bool:
        forking = [worker for worker in self._stack.workers if worker.pool == "cpu" and not worker.is_frozen]
        victim = forking[strike.pick % len(forking)] if forking else None
        if victim is None:
            return False
        self._recovery.note(victim.node, strike.fault)
        return victim.kill_child(strike.pick)

    def _freeze(self, strike: Strike) -> bool:
        victim = self._victim(strike)
        if victim:
            self._recovery.note(victim.node, strike.fault)
            victim.freeze(self._freeze_seconds)
        return victim is not None

    def _kill_redis(self, strike: Strike) -> bool:
        up = self._stack.redis.is_up
        if up:
            self._stack.kill_redis(strike.seconds)
        return up

    def _stop_postgres(self, strike: Strike) -> bool:
        up = self._stack.postgres.is_up
        if up:
            self._stack.stop_postgres(strike.seconds)
        return up
