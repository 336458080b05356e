"""What a storm will do, drawn from its seed: the jobs and when they are submitted, the faults and when they strike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SUBMITTED_WITHIN = 0.8  # of the storm's time, so that there is work until its end
FAULT_EVERY_SECONDS = 3.0

# Each deck is dealt to its end before the next is shuffled: a storm of a minute meets every fault at least once.
DECK = (
    "kill-io",
    "kill-cpu",
    "kill-gpu",
    "kill-child",
    "kill-child",
    "kill-beat",
    "kill-api",
    "freeze-io",
    "freeze-cpu",
    "flush-redis",
    "kill-redis",
    "stop-postgres",
    "kill-sandbox",
    "vendor-loses-answers",
    "vendor-loses-answers",
    "vendor-fails",
    "vendor-throttles",
    "vendor-hangs",
    "vendor-answers-late",
    "vendor-hides",
    "vendor-drops",
)


@dataclass(frozen=True)
class Work:
    """One job to submit. key: its Idempotency-Key; effects, blind, paid: the vendor's keys it must leave behind."""

    at: float
    key: str
    kind: str
    params: dict[str, Any]
    result: dict[str, Any] | None  # what the job must answer; None: the vendor's receipt
    effects: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Strike:
    """A fault, the seconds it lasts where it lasts, and a number that picks its victim."""

    at: float
    fault: str
    seconds: float
    pick: int


def plan_jobs(count: int, seconds: float, seed: int) -> list[Work]:
    draw = random.Random(f"jobs {seed}")
    times = sorted(draw.uniform(0, seconds * SUBMITTED_WITHIN) for _ in range(count))
    return [_work(draw, at, f"storm-{seed}-{n}") for n, at in enumerate(times)]


def _work(draw: random.Random, at: float, key: str) -> Work:
    sort = draw.choices(("chain", "publish", "blind", "paid", "poll", "fan"), weights=(34, 24, 8, 12, 10, 12))[0]
    spent = round(draw.uniform(0.0, 1.2), 2)
    post = {"key": key, "seconds": spent}
    match sort:
        case "chain":
            start = draw.randrange(1000)
            return Work(at, key, "storm.chain", {"start": start, "seconds": spent}, {"value": (start + 1) * 10 + 5})
        case "publish":
            return Work(at, key, "storm.publish", post, None, effects=(key,))
        case "blind":
            return Work(at, key, "storm.blind", post, None, effects=(key,), blind=(key,))
        case "paid":
            return Work(at, key, "storm.paid", post, None, paid=(key,))
        case "poll":
            return Work(at, key, "storm.poll", {"times": draw.randint(1, 4)}, {"polled": True})
        case _:
            width, depth = draw.randint(2, 5), draw.choice((0, 0, 1))
            params = {"key": key, "width": width, "depth": depth, "seconds": spent / 2}
            return Work(at, key, "storm.fan", params, {"succeeded": width}, effects=tuple(leaves(key, width, depth)))


def leaves(key: str, width: int, depth: int) -> Iterator[str]:
    """The keys that the leaves of a fan publish under."""
    for n in range(width):
        below = f"{key}.{n}"
        yield from leaves(below, width, depth - 1) if depth else (below,)


def plan_strikes(seconds: float, seed: int) -> list[Strike]:
    draw = random.Random(f"faults {seed}")
    strikes: list[Strike] = []
    deck: list[str] = []
    at = draw.uniform(1.0, FAULT_EVERY_SECONDS)
    while at < seconds:
        if not deck:
            deck = draw.sample(DECK, len(DECK))
        strikes.append(Strike(at, deck.pop(), draw.uniform(0.5, 5.0), draw.randrange(1_000_000)))
        at += draw.uniform(0.4, 1.6) * FAULT_EVERY_SECONDS
    return strikes
