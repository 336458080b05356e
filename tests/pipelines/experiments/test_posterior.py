"""Beliefs against draws from the same laws, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.experiments.posterior import Posterior, beliefs, beta, curve, normal


@pytest.mark.parametrize("goal", ["increase", "decrease"])
def test_three_rates(goal: str) -> None:
    """The chance to be best and the expected loss are those of a million draws."""
    laws = [beta(100, 1000), beta(120, 1000), beta(90, 1000)]
    random = np.random.default_rng(1)
    drawn = np.array([random.beta(law.a, law.b, 300_000) for law in laws])
    pick, top = (np.argmax, np.max) if goal == "increase" else (np.argmin, np.min)
    for n, found in enumerate(beliefs(laws, goal=goal)):
        assert found.best == pytest.approx((pick(drawn, axis=0) == n).mean(), abs=0.004)
        assert found.loss == pytest.approx(abs(top(drawn, axis=0) - drawn[n]).mean(), abs=1e-4)


def test_two_means() -> None:
    """For two normal beliefs the chance is the normal law's own."""
    found = beliefs([normal(1.0, 0.01), normal(1.2, 0.04)])
    assert found[1].best == pytest.approx(stats.norm.cdf(0.2 / 0.05**0.5), abs=1e-4)
    assert found[0].best + found[1].best == pytest.approx(1)


def test_intervals_are_the_laws() -> None:
    """Credible intervals are the quantiles of the posterior."""
    found = beliefs([beta(30, 100), beta(40, 100)])[0]
    assert [found.low, found.high] == pytest.approx(stats.beta(31, 71).interval(0.95))


def test_a_sharp_belief_beside_a_vague_one() -> None:
    """A grid fits both: one known to a thousandth, one not known at all."""
    found = beliefs([normal(5.0, 1e-6), normal(0.0, 1e12)])
    assert [one.best for one in found] == [pytest.approx(0.5, abs=1e-3)] * 2


def test_a_curve_holds_all_of_it() -> None:
    """What is drawn has an area of one."""
    values, heights = curve(Posterior("beta", 12, 30))
    assert np.trapezoid(heights, values) == pytest.approx(1, abs=0.005)
