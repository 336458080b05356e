"""The best split of a budget, over the whole posterior: by what it is expected to bring, less what its uncertainty is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput
from pipelines.mmm.market import Array
from pipelines.mmm.planning import Planner, Response
from pipelines.mmm.summary import summary

STARTS = 3
BISECTIONS = 14


@dataclass(frozen=True)
class Wish:
    """periods: how long the plan is. low, high, current: [C], spend of each channel over the whole plan.

    total: to be spent exactly; or target: the lowest expected outcome for each unit of spend. aversion: how many standard deviations of
    the outcome are taken off its mean before plans are compared; 0 looks at the mean only.
    """

    periods: int
    low: Array
    high: Array
    current: Array
    total: float | None
    target: float | None
    aversion: float = 0.0


def optimised(planner: Planner, wish: Wish) -> dict[str, Any]:
    """The plan and what it brings beside the current split of the same money. Raises InvalidInput when no plan fits the wish."""
    faults = _faults(planner, wish)
    if faults:
        raise InvalidInput(f"No plan fits: {'; '.join(fault['detail'] for fault in faults)}", errors=faults)
    response = planner.response(np.full((wish.periods, len(planner.channels)), 1.0 / wish.periods))
    best = _best(response, wish, wish.total) if wish.total is not None else _for_target(response, wish)
    return _told(planner, response, wish, best)


def _faults(planner: Planner, wish: Wish) -> list[dict[str, str]]:
    faults = [
        {"pointer": f"/params/bounds/{name}", "detail": f"{name}: the lower bound {low:g} is above the upper {high:g}"}
        for name, low, high in zip(planner.channels, wish.low, wish.high, strict=True)
        if low > high
    ]
    least, most = float(wish.low.sum()), float(wish.high.sum())
    if not faults and wish.total is not None and not least * (1 - 1e-9) <= wish.total <= most * (1 + 1e-9):
        detail = f"the total {wish.total:g} is outside what the bounds allow, {least:g} to {most:g}; widen the bounds"
        faults.append({"pointer": "/params/total", "detail": detail})
    return faults


def _value(response: Response, x: Array, aversion: float) -> tuple[float, Array]:
    """Mean outcome less `aversion` standard deviations, and its gradient by x."""
    outcome, slope = response.outcome(x).sum(axis=1), response.slope(x)
    value, gradient = float(outcome.mean()), slope.mean(axis=0)
    if aversion > 0:
        spread = float(outcome.std()) or 1.0
        value -= aversion * spread
        gradient = gradient - aversion * ((outcome - outcome.mean())[:, None] * slope).mean(axis=0) / spread
    return value, np.asarray(gradient)


def _best(response: Response, wish: Wish, total: float) -> Array:
    """The plan of exactly `total` with the highest value; several starts, since S-shaped curves have several peaks."""
    from scipy.optimize import minimize

    unit = max(total, 1e-12)
    size = max(abs(_value(response, _fitting(wish.current, wish, total), 0.0)[0]), 1e-12)

    def loss(share: Array) -> tuple[float, Array]:
        value, gradient = _value(response, share * unit, wish.aversion)
        return -value / size, -gradient * unit / size

    bounds = list(zip(wish.low / unit, wish.high / unit, strict=True))
    constraint = {"type": "eq", "fun": lambda share: share.sum() - total / unit, "jac": np.ones_like}
    found = []
    for start in _starts(wish, total):
        result = minimize(
            loss, start / unit, jac=True, bounds=bounds, constraints=[constraint], method="SLSQP", options={"maxiter": 200, "ftol": 1e-9}
        )
        plan = _fitting(np.clip(result.x, 0, None) * unit, wish, total)
        found.append((_value(response, plan, wish.aversion)[0], plan))
    return max(found, key=lambda pair: pair[0])[1]


def _starts(wish: Wish, total: float) -> list[Array]:
    draw = np.random.default_rng(1)
    random = [draw.dirichlet(np.ones(len(wish.low))) * total for _ in range(STARTS - 1)]
    return [_fitting(start, wish, total) for start in (wish.current, *random)]


def _fitting(plan: Array, wish: Wish, total: float) -> Array:
    """The plan scaled to the total, then moved within the bounds; its sum is the total."""
    scaled = np.clip(plan * (total / max(float(plan.sum()), 1e-12)), wish.low, wish.high)
    for _ in range(50):
        missing = total - float(scaled.sum())
        room = (wish.high - scaled) if missing > 0 else (scaled - wish.low)
        if abs(missing) <= 1e-12 * max(total, 1.0) or room.sum() <= 0:
            break
        scaled = np.clip(scaled + missing * room / room.sum(), wish.low, wish.high)
    return np.asarray(scaled)


def _for_target(response: Response, wish: Wish) -> Array:
    """The largest plan whose expected outcome for each unit of spend is at least the target. Raises InvalidInput when there is none."""
    assert wish.target is not None
    least, most = max(float(wish.low.sum()), 1e-6 * float(wish.high.sum())), float(wish.high.sum())
    if _reaches(response, wish, most):
        return _best(response, wish, most)
    if not _reaches(response, wish, least):
        detail = f"even the smallest plan brings less than {wish.target:g} for each unit of spend"
        raise InvalidInput(f"No plan fits: {detail}", errors=[{"pointer": "/params/target_roas", "detail": detail}])
    for _ in range(BISECTIONS):
        middle = 0.5 * (least + most)
        least, most = (middle, most) if _reaches(response, wish, middle) else (least, middle)
    return _best(response, wish, least)


def _reaches(response: Response, wish: Wish, total: float) -> bool:
    plan = _best(response, wish, total)
    return float(response.outcome(plan).sum(axis=1).mean()) >= (wish.target or 0.0) * total


def _told(planner: Planner, response: Response, wish: Wish, plan: Array) -> dict[str, Any]:
    total = float(plan.sum())
    before = wish.current * (total / max(float(wish.current.sum()), 1e-12))
    ours, theirs = response.outcome(plan), response.outcome(before)
    gain = ours.sum(axis=1) - theirs.sum(axis=1)
    marginal = response.slope(plan).mean(axis=0)
    channels = [
        {
            "name": name,
            "before": float(before[n]),
            "after": float(plan[n]),
            "low": float(wish.low[n]),
            "high": float(wish.high[n]),
            "outcome_before": summary(theirs[:, n]),
            "outcome_after": summary(ours[:, n]),
            "marginal_roas": float(marginal[n]),
            "beyond_seen": bool(plan[n] / wish.periods > planner.highest[n] * (1 + 1e-6)),
        }
        for n, name in enumerate(planner.channels)
    ]
    return {
        "periods": wish.periods,
        "total": total,
        "aversion": wish.aversion,
        "channels": channels,
        "before": summary(theirs.sum(axis=1)),
        "after": summary(ours.sum(axis=1)),
        "roas_before": summary(theirs.sum(axis=1) / max(total, 1e-12)),
        "roas_after": summary(ours.sum(axis=1) / max(total, 1e-12)),
        "gain": {**summary(gain), "probability": float((gain > 0).mean())},
    }
