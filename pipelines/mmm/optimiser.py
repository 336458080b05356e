"""The best split of a budget, over the whole posterior: by what it is expected to bring, less what its uncertainty is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput
from core.pointers import escaped
from pipelines.mmm.allocation import STEPS, Curves, allocations, curves_of
from pipelines.mmm.market import Array
from pipelines.mmm.planning import Planner, Response
from pipelines.mmm.summary import summary

BISECTIONS = 14
DECADES = 4  # of totals, below the highest, in which a plan for a target is looked for


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
    """The plan, and what it brings beside the current split of the same money within the bounds.

    Raises InvalidInput when no plan fits the wish.
    """
    faults = _faults(planner, wish)
    if faults:
        raise InvalidInput(f"No plan fits: {'; '.join(fault['detail'] for fault in faults)}", errors=faults)
    response = planner.response(np.full((wish.periods, len(planner.channels)), 1.0 / wish.periods))
    curves = curves_of(response, max(float(wish.high.max()), 1e-12))
    best = _best(response, curves, wish, wish.total) if wish.total is not None else _for_target(response, curves, wish)
    return _told(planner, response, wish, best)


def _faults(planner: Planner, wish: Wish) -> list[dict[str, str]]:
    faults = [
        {"pointer": f"/params/bounds/{escaped(name)}", "detail": f"{name}: the lower bound {low:g} is above the upper {high:g}"}
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


def _best(response: Response, curves: Curves, wish: Wish, total: float) -> Array:
    """The plan of exactly `total` with the highest value, climbed to from the current split and from the best on a grid."""
    from scipy.optimize import minimize

    unit = max(total, 1e-12)
    size = max(abs(_value(response, _fitting(wish.current, wish, total), 0.0)[0]), 1e-12)

    def loss(share: Array) -> tuple[float, Array]:
        value, gradient = _value(response, share * unit, wish.aversion)
        return -value / size, -gradient * unit / size

    bounds = list(zip(wish.low / unit, wish.high / unit, strict=True))
    constraint = {"type": "eq", "fun": lambda share: share.sum() - total / unit, "jac": np.ones_like}
    found = []
    for start in (wish.current, allocations(curves, wish.low, wish.high, total).split(STEPS)):
        begin = _fitting(start, wish, total)
        result = minimize(
            loss, begin / unit, jac=True, bounds=bounds, constraints=[constraint], method="SLSQP", options={"maxiter": 200, "ftol": 1e-9}
        )
        climbed = _fitting(np.clip(result.x, 0, None) * unit, wish, total)
        found += [(_value(response, plan, wish.aversion)[0], plan) for plan in (begin, climbed)]
    return max(found, key=lambda pair: pair[0])[1]


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


def _for_target(response: Response, curves: Curves, wish: Wish) -> Array:
    """The largest plan whose expected outcome for each unit of spend is at least the target. Raises InvalidInput when there is none."""
    reached = _largest_on_grid(response, curves, wish)
    if reached is None:
        detail = f"no plan within the bounds brings {wish.target:g} for each unit of spend"
        raise InvalidInput(f"No plan fits: {detail}", errors=[{"pointer": "/params/target_roas", "detail": detail}])
    least, most = reached
    for _ in range(BISECTIONS if most > least else 0):
        middle = 0.5 * (least + most)
        least, most = (middle, most) if _reaches(response, curves, wish, middle) else (least, middle)
    return _best(response, curves, wish, least)


def _largest_on_grid(response: Response, curves: Curves, wish: Wish) -> tuple[float, float] | None:
    """The largest total on a grid that reaches the target, and the next one that does not. From above: where curves are S-shaped, a
    smaller plan may bring less for each unit than a larger one.
    """
    assert wish.target is not None
    whole = float(wish.high.sum())
    for most in whole / 10.0 ** np.arange(DECADES + 1):
        if most < float(wish.low.sum()):
            break
        found = allocations(curves, wish.low, wish.high, most)
        near = np.flatnonzero((found.outcome >= 0.99 * wish.target * found.totals) & (found.totals > 0))  # curves are interpolated
        for n in near[::-1]:
            if _reaches(response, curves, wish, float(found.totals[n])):
                return float(found.totals[n]), float(found.totals[min(n + 1, STEPS)])
    return None


def _reaches(response: Response, curves: Curves, wish: Wish, total: float) -> bool:
    plan = _best(response, curves, wish, total)
    return float(response.outcome(plan).sum(axis=1).mean()) >= (wish.target or 0.0) * total


def _told(planner: Planner, response: Response, wish: Wish, plan: Array) -> dict[str, Any]:
    total = float(plan.sum())
    before = _fitting(wish.current, wish, total)  # within the bounds too: scaled to more money, a split may spend what nobody would
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
