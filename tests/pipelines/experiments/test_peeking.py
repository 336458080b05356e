"""The two readings that may be looked at every day: error rates and power over thirty looks, and published boundaries."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.experiments import anytime
from pipelines.experiments.planned_looks import boundaries, inflation, power_of, spent
from pipelines.experiments.power import ANYTIME_INFLATION, smallest_effect
from pipelines.experiments.simulation import Setting, read, rejections

UNITS, BASELINE = 20_000, 0.1


@pytest.fixture(scope="module")
def nothing() -> dict[str, float]:
    """Rejection rates of 40,000 A/A tests of a rate, looked at on thirty days."""
    return rejections(Setting(units=UNITS, baseline=BASELINE, runs=40_000, seed=7))


@pytest.fixture(scope="module")
def something() -> dict[str, float]:
    """The same with the effect that the fixed test finds in four of five cases."""
    effect = smallest_effect(kind="binomial", baseline=BASELINE, units=UNITS).effect
    return rejections(Setting(units=UNITS, baseline=BASELINE, effect=effect, runs=20_000, seed=8))


def test_thirty_looks_keep_the_error_rate(nothing: dict[str, float]) -> None:
    """At most 5 % false positives (within three standard errors of the simulation), where peeking at a fixed test has over 20 %."""
    noise = 3 * (0.05 * 0.95 / 40_000) ** 0.5
    assert nothing["planned"] <= 0.05 + noise
    assert nothing["anytime"] <= 0.05
    assert nothing["peeking"] > 0.2 and nothing["bayesian"] > 0.2
    assert abs(nothing["fixed"] - 0.05) <= noise


def test_power_beside_the_fixed_test(something: dict[str, float]) -> None:
    """At least 90 % of the fixed test's for planned looks, 60 % at any time; a plain mSPRT has 54 %."""
    assert something["fixed"] == pytest.approx(0.8, abs=0.03)
    assert something["planned"] / something["fixed"] >= 0.95
    assert something["anytime"] / something["fixed"] >= 0.7


@pytest.mark.parametrize("world", ["mean", "revenue", "ratio", "cuped"])
def test_other_metrics_keep_it_too(world: str) -> None:
    """Means, skewed revenue, ratios by the delta method and CUPED, from units' own values."""
    found = rejections(Setting(world=world, units=3000, runs=1500, looks=30, seed=9))  # type: ignore[arg-type]
    noise = 3 * (0.05 * 0.95 / 1500) ** 0.5
    assert found["planned"] <= 0.05 + noise and found["anytime"] <= 0.05 + noise


def test_any_time_means_any_time() -> None:
    """Looked at 400 times, far past the plan, the chance of ever crossing stays below alpha."""
    random = np.random.default_rng(10)
    steps = random.standard_normal((4000, 400)) / 20  # 400 looks, the planned end is the 40th
    t = (np.arange(400) + 1) / 40
    z = steps.cumsum(1) * 20 / 40**0.5 / np.sqrt(t)
    assert (abs(z) > anytime.critical_z(t)).any(1).mean() <= 0.05


def test_every_effect_is_found_in_the_end() -> None:
    """Also one a quarter as large as planned: the evidence grows without bound."""
    t = np.array([1.0, 10.0, 100.0])
    z = anytime.planned_drift(0.05, 0.8) / 4 * np.sqrt(t)
    assert list(np.diff(anytime.log_evidence(z, t)) > 0) == [True, True]
    assert anytime.p_value(z[-1], t[-1]) < 0.001


def test_interval_and_p_value_agree() -> None:
    """At its critical value the p-value is alpha."""
    t = np.array([0.05, 0.3, 1.0, 4.0])
    assert anytime.p_value(anytime.critical_z(t), t) == pytest.approx([0.05] * 4, rel=1e-6)


def test_published_boundaries() -> None:
    """O'Brien–Fleming spending with five looks: the values of Lan and DeMets' tables (two-sided 5 %)."""
    assert boundaries([0.2, 0.4, 0.6, 0.8, 1.0]) == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-3)
    assert boundaries([1.0]) == pytest.approx([1.95996], abs=1e-4)
    assert spent(1.0, 0.05) == pytest.approx(0.05)


def test_looks_may_come_unevenly() -> None:
    """Whatever the information at each look, the boundaries spend alpha and no more; a look without news tests nothing."""
    times = (0.1, 0.15, 0.6, 0.6, 0.9, 1.0)
    assert boundaries(times)[3] == float("inf")
    assert power_of(times, 0.0) == pytest.approx(0.05, abs=1e-4)
    assert boundaries([0.5, 1.0, 1.2])[2] == float("inf")


def test_what_looks_cost_in_units() -> None:
    """Five looks cost 2.5 % more units for the same power, thirty about 5 %; any time 45 %, as simulated."""
    assert inflation(5) == pytest.approx(1.025, abs=0.003)
    assert inflation(1) == pytest.approx(1.0, abs=1e-3)
    random = np.random.default_rng(11)
    t = (np.arange(30) + 1) / 30
    paths = random.standard_normal((20_000, 30)).cumsum(1) / 30**0.5 + anytime.planned_drift(0.05, 0.8) * ANYTIME_INFLATION**0.5 * t
    assert read(paths / np.sqrt(t))["anytime"].mean() == pytest.approx(0.8, abs=0.01)
