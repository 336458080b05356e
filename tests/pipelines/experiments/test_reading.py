"""Whole readings from days of data: strata, guardrails, novelty, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pipelines.experiments.contrast import Design
from pipelines.experiments.design import Metric, Plan
from pipelines.experiments.looks import information
from pipelines.experiments.observations import Exposed, Observations, Outcome
from pipelines.experiments.reading import read
from pipelines.experiments.verdict import judge

PRIMARY = Metric(key="buy", role="primary", event="buy")
GUARD = Metric(key="refund", role="guardrail", event="refund", goal="decrease")
PLAN = Plan(planned_units=14_000, looks=14)
Rates = Callable[[int, int], float]  # (variant, age) -> rate on that day


def world(rates: Rates, days: int = 14, units: int = 500, seed: int = 1, variants: int = 2) -> Observations:
    """So many units a day and variant, who convert on the day of their exposure or on one of the six after it."""
    random = np.random.default_rng(seed)
    exposed, outcomes = [], []
    for cohort in range(days):
        for variant in range(variants):
            exposed.append(Exposed(variant, 1, cohort, units))
            for age in range(min(7, days - cohort)):
                y = float(random.binomial(units, rates(variant, age)))
                outcomes.append(Outcome(variant, 1, cohort, cohort + age, y, y, own=y))
    return Observations(variants, days, tuple(exposed), tuple(outcomes))


def verdict(rates: Rates, guard: Rates = lambda *_: 0.01, plan: Plan = PLAN) -> str:
    design = Design(("control", "new"), (0.5, 0.5), plan, metrics=(PRIMARY, GUARD))
    return judge(design, read(design, {"buy": world(rates), "refund": world(guard, seed=2)})).word


def test_verdicts() -> None:
    """A gain, a loss, nothing at the planned end, nothing yet, and harm to a guardrail, which comes first."""
    gain: Rates = lambda variant, _: 0.02 * (1 + 0.3 * variant)  # noqa: E731
    same: Rates = lambda *_: 0.02  # noqa: E731
    assert verdict(gain) == "winner"
    assert verdict(lambda variant, _: 0.02 * (1 - 0.3 * variant)) == "loser"
    assert verdict(same) == "no difference"
    assert verdict(same, plan=Plan(planned_units=100_000, looks=30)) == "go on"
    assert verdict(gain, guard=lambda variant, _: 0.01 * (1 + variant)) == "harm"


def test_a_margin_is_put_up_with() -> None:
    """A guardrail that may lose 200 % stays quiet about 100 %."""
    design = Design(("control", "new"), (0.5, 0.5), PLAN, metrics=(PRIMARY, GUARD.model_copy(update={"margin": 1.0})))
    seen = {"buy": world(lambda *_: 0.02), "refund": world(lambda variant, _: 0.01 * (1 + 0.5 * variant), seed=2)}
    assert judge(design, read(design, seen)).word != "harm"


def test_an_effect_that_wears_off() -> None:
    """Large on the day of the exposure, gone a week later; a steady effect is called steady."""
    design = Design(("control", "new"), (0.5, 0.5), PLAN, metrics=(PRIMARY,))
    fading = read(design, {"buy": world(lambda variant, age: 0.02 + variant * max(0.02 - 0.006 * age, 0.0), units=2000)})
    steady = read(design, {"buy": world(lambda variant, age: 0.02 + 0.01 * variant, units=2000)})
    assert (fading[0].against[0].novelty.verdict, steady[0].against[0].novelty.verdict) == ("wears off", "steady")  # type: ignore[union-attr]


def test_days_add_up() -> None:
    """The state at the last day's end is the whole; ages and cohorts count every conversion once."""
    seen = world(lambda *_: 0.05, days=9)
    whole = seen.moments()
    assert seen.moments(8) == whole
    assert sum(one.y for one in seen.cohorts(1)) == whole[1].y
    assert sum(one.y for one in seen.ages(1)) == whole[1].y
    assert seen.moments(3)[0].n == 4 * 500


def test_several_variants_share_the_error_rate() -> None:
    """Against three variants each look is read at a third of alpha, and the anytime p-value is three times as large."""
    design = Design(("control", "b", "c", "d"), (0.25,) * 4, PLAN, metrics=(PRIMARY,))
    found = read(design, {"buy": world(lambda *_: 0.02, variants=4)})[0]
    alone = read(Design(("control", "b"), (0.5, 0.5), PLAN, metrics=(PRIMARY,)), {"buy": world(lambda *_: 0.02)})[0]
    assert len(found.against) == 3
    many, one = found.against[0], alone.against[0]
    assert many.planned.critical_z is not None and one.planned.critical_z is not None
    assert many.planned.critical_z > one.planned.critical_z
    assert many.adjusted_p is not None and many.compared is not None
    assert many.adjusted_p >= many.compared.p_value


def test_without_a_plan_there_are_no_planned_looks() -> None:
    """Only the always-valid reading is given then."""
    found = read(Design(("control", "new"), (0.5, 0.5), Plan(), metrics=(PRIMARY,)), {"buy": world(lambda *_: 0.02)})[0].against[0]
    assert (found.planned.critical_z, found.anytime.critical_z is not None) == (None, True)


def test_a_bandit_is_read_by_its_beliefs() -> None:
    """No reading that supposes fixed shares is given for it."""
    design = Design(("control", "new"), (0.5, 0.5), PLAN, adaptive=True, metrics=(PRIMARY,))
    found = read(design, {"buy": world(lambda variant, _: 0.02 * (1 + variant))})
    assert (found[0].against[0].series, "beliefs" in found[0].notes[0]) == ((), True)
    assert judge(design, found).variant == "new"


def test_information_counts_uneven_groups() -> None:
    """Half of both groups is half the information; ten times one group alone is not ten times of it."""
    assert information((500, 500), (0.5, 0.5), 2000) == pytest.approx(0.5)
    assert information((5000, 500), (0.5, 0.5), 2000) < 1
    assert information((0, 500), (0.5, 0.5), 2000) == 0


def test_the_running_day_is_looked_at_any_time_but_is_no_planned_look() -> None:
    """A large gain shows on the first day already; the planned form waits for the day's end."""
    seen = replace(world(lambda variant, _: 0.02 * (1 + variant), days=1, units=2000), complete_days=0)
    design = Design(("control", "new"), (0.5, 0.5), PLAN, metrics=(PRIMARY,))
    against = read(design, {"buy": seen})[0].against[0]
    assert (against.anytime.significant, against.anytime.day, against.planned.significant) == (True, 0, False)
    assert [look.planned_z for look in against.series] == [None]
