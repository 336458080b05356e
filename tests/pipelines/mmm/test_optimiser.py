"""The optimiser and the scenario planner, against the fit and against the truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import InvalidInput
from pipelines.mmm.fit import Fit
from pipelines.mmm.optimiser import Wish, optimised
from pipelines.mmm.planning import Planner, from_dict
from pipelines.mmm.scenarios import compared
from pipelines.mmm.worlds import World

WEEKS = 13


@pytest.fixture(scope="module")
def planner(fit: Fit) -> Planner:
    """As it comes back from its row."""
    return from_dict(fit.planner.as_dict())


def wish(planner: Planner, **changes: Any) -> Wish:
    current = planner.recent * WEEKS
    whole = Wish(WEEKS, np.zeros(len(current)), planner.highest * WEEKS, current, float(current.sum()), None)
    return replace(whole, **changes)


def after(plan: dict[str, Any]) -> np.ndarray[Any, Any]:
    return np.array([entry["after"] for entry in plan["channels"]])


def test_the_total_is_spent_within_the_bounds(planner: Planner) -> None:
    """Every cent of the total, and no channel outside its bounds."""
    current = planner.recent * WEEKS
    wanted = wish(planner, low=0.8 * current, high=1.3 * current)
    plan = after(optimised(planner, wanted))
    assert plan.sum() == pytest.approx(wanted.total)
    assert (plan >= wanted.low - 1e-6).all()
    assert (plan <= wanted.high + 1e-6).all()


def test_it_beats_the_current_split_in_truth(planner: Planner, truth: World) -> None:
    """In the simulated market itself, at steady spend, the plan brings more than the split it replaces."""
    plan = optimised(planner, wish(planner))
    before = np.array([entry["before"] for entry in plan["channels"]])
    assert plan["gain"]["mean"] > 0
    assert truth.response(after(plan) / WEEKS).sum() > truth.response(before / WEEKS).sum()


def test_no_other_split_is_better(planner: Planner) -> None:
    """None of a hundred random splits of the same money is expected to bring more."""
    wanted = wish(planner)
    best = optimised(planner, wanted)
    response = planner.response(np.full((WEEKS, len(planner.channels)), 1 / WEEKS))
    draw = np.random.default_rng(5)
    for _ in range(100):
        other = draw.dirichlet(np.ones(len(planner.channels))) * (wanted.total or 0)
        if (other <= wanted.high).all():
            assert response.outcome(other).sum(axis=1).mean() <= best["after"]["mean"] * (1 + 1e-6)


def test_caution_trades_mean_for_certainty(planner: Planner) -> None:
    """A careful plan is not expected to bring more than a bold one, and its outcome spreads less."""
    bold, careful = (optimised(planner, wish(planner, aversion=aversion)) for aversion in (0.0, 2.0))
    response = planner.response(np.full((WEEKS, len(planner.channels)), 1 / WEEKS))
    spread = [response.outcome(after(plan)).sum(axis=1).std() for plan in (bold, careful)]
    assert careful["after"]["mean"] <= bold["after"]["mean"] * (1 + 1e-6)
    assert spread[1] <= spread[0] * (1 + 1e-6)


def test_a_target_is_met_and_not_overshot(planner: Planner) -> None:
    """As much is spent as still brings the target for each unit; asking for less spends more."""
    usual = optimised(planner, wish(planner))["roas_after"]["mean"]
    plans = [optimised(planner, wish(planner, total=None, target=factor * usual)) for factor in (1.0, 0.9)]
    assert plans[0]["roas_after"]["mean"] >= usual * 0.999
    assert plans[1]["total"] > plans[0]["total"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"total": 1e12}, "outside what the bounds allow"), ({"total": None, "target": 1e6}, "no plan within the bounds brings 1e\\+06")],
)
def test_what_cannot_be_had_is_said(planner: Planner, changes: dict[str, Any], told: str) -> None:
    """A total beyond the bounds, a return that no plan has."""
    with pytest.raises(InvalidInput, match=told):
        optimised(planner, wish(planner, **changes))


def test_slope_is_the_derivative(planner: Planner) -> None:
    """Of the outcome by each channel's spend, draw by draw."""
    response, x = planner.response(np.full((WEEKS, len(planner.channels)), 1 / WEEKS)), planner.recent * WEEKS
    step = 1e-3 * x[0]
    moved = x + np.array([step, *np.zeros(len(x) - 1)])
    quotient = (response.outcome(moved) - response.outcome(2 * x - moved))[:, 0] / (2 * step)
    assert response.slope(x)[:, 0] == pytest.approx(quotient, rel=1e-4)


def test_scenarios_are_compared_with_the_first(planner: Planner) -> None:
    """Twice the spend brings more, but not twice as much; doing nothing brings nothing; the parts sum to the whole."""
    steady = np.tile(planner.recent, (WEEKS, 1))
    first, double, nothing = compared(planner, {"now": steady, "double": 2 * steady, "nothing": 0 * steady})
    assert first["difference"] is None
    assert first["outcome"]["mean"] < double["outcome"]["mean"] < 2 * first["outcome"]["mean"]
    assert double["difference"]["probability"] == 1.0
    assert nothing["outcome"]["mean"] == pytest.approx(0, abs=1e-6)
    assert sum(entry["outcome"]["mean"] for entry in first["channels"]) == pytest.approx(first["outcome"]["mean"])


def test_spend_works_after_the_plan_has_ended(planner: Planner) -> None:
    """One week's money in the last week of a plan brings what it brings in the first: its carry-over is counted past the end."""
    early, late = np.zeros((2, WEEKS, len(planner.channels)))
    early[0, 0], late[-1, 0] = 1000.0, 1000.0
    quiet = replace(planner, past=np.zeros_like(planner.past))
    first, last = compared(quiet, {"early": early, "late": late})
    assert first["outcome"]["mean"] == pytest.approx(last["outcome"]["mean"])


def test_plans_in_parts_are_the_same(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worked out a few draws at a time, to spare memory, a plan brings what it brings at once."""
    plans = {"now": np.tile(planner.recent, (WEEKS, 1))}
    at_once = compared(planner, plans)[0]["outcome"]
    monkeypatch.setattr("pipelines.mmm.planning.MOST_NUMBERS", 7 * planner.split.size * (WEEKS + planner.lag_count))
    assert len(list(planner.parts(WEEKS))) > 10
    assert compared(planner, plans)[0]["outcome"] == pytest.approx(at_once, rel=1e-9)


def s_shaped(planner: Planner, seed: int) -> Planner:
    """The same channels with curves that have a foot, each with another ceiling and another half."""
    draw = np.random.default_rng(seed)
    ceiling, half = (planner.ceiling * np.exp(draw.normal(0, 0.7, 3)), planner.half * np.exp(draw.normal(0.7, 0.5, 3)))
    return replace(planner, slope=np.full_like(planner.slope, 2.5), ceiling=ceiling, half=half)


@pytest.mark.parametrize("changes", [{}, {"total": None, "target": 1.0}])
def test_a_bold_plan_never_loses(planner: Planner, changes: dict[str, Any]) -> None:
    """What it is held against obeys the same bounds, also when there is more money than the current split could spend in them."""
    tight = wish(planner, high=1.2 * planner.recent * WEEKS * np.array([1.0, 0.8, 1.5]), **changes)
    plan = optimised(planner, tight)
    assert plan["gain"]["mean"] >= 0
    assert all(entry["before"] <= entry["high"] * (1 + 1e-9) for entry in plan["channels"])


@pytest.mark.parametrize("seed", range(3))
def test_the_highest_of_several_peaks(planner: Planner, seed: int) -> None:
    """Where curves are S-shaped money is best put into few channels: no split on a fine grid is better, for little money and for much."""
    hill = s_shaped(planner, seed)
    response = hill.response(np.full((WEEKS, 3), 1 / WEEKS))
    parts = np.array([(a, b, 40 - a - b) for a in range(41) for b in range(41 - a)]) / 40
    for total in (0.2, 0.6, 1.5) * np.array([wish(hill).total]):
        best = optimised(hill, wish(hill, total=total, high=np.full(3, total)))["after"]["mean"]
        assert best >= 0.9999 * max(response.outcome(split * total).sum(axis=1).mean() for split in parts)


def test_a_target_that_small_plans_miss(planner: Planner) -> None:
    """With S-shaped curves a small plan brings little for each unit: the largest plan that meets the target is found all the same."""
    hill = s_shaped(planner, 0)
    wide = wish(hill, high=4 * planner.highest * WEEKS)
    totals = np.geomspace(0.001, 1.0, 25) * float(wide.high.sum())
    returns = [optimised(hill, replace(wide, total=total))["roas_after"]["mean"] for total in totals]
    target = 0.8 * max(returns)
    assert returns[0] < target
    plan = optimised(hill, replace(wide, total=None, target=target))
    assert plan["total"] >= max(total for total, found in zip(totals, returns, strict=True) if found >= target)
    assert plan["roas_after"]["mean"] == pytest.approx(target, rel=1e-3)
