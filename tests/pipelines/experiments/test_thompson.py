"""Bandits: regret beside a fixed split and the theory, drift, minimum shares, and when to stop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.experiments.design import Bandit, Metric
from pipelines.experiments.moments import Moments
from pipelines.experiments.thompson import decide, discounted, with_minimum

RATE = Metric(key="rate", role="primary", event="e")
RATES = np.array([0.05, 0.06, 0.08])
FREE = Bandit(min_units=1, minimum_share=0.0, stop_loss=None)


def regret(seed: int, batches: int = 25, size: int = 800) -> float:
    """Conversions missed against always showing the best, over all batches."""
    random = np.random.default_rng(seed)
    n, y, shares, missed = np.zeros(3), np.zeros(3), [1 / 3] * 3, 0.0
    for _ in range(batches):
        shown = random.multinomial(size, shares)
        n, y = n + shown, y + random.binomial(shown, RATES)
        missed += float((shown * (RATES.max() - RATES)).sum())
        shares = decide("abc", RATE, [Moments(n=n[k], y=y[k], yy=y[k]) for k in range(3)], shares, FREE).shares
    return missed


def test_regret_against_theory_and_a_fixed_split() -> None:
    """Well below an even split's, and of the order of Lai and Robbins' bound, Σ (p* − p) ln T ÷ KL(p, p*)."""
    mean = float(np.mean([regret(seed) for seed in range(8)]))
    even = 20_000 * float((RATES.max() - RATES).mean())
    best = RATES.max()
    kl = [p * math.log(p / best) + (1 - p) * math.log((1 - p) / (1 - best)) for p in RATES[:2]]
    bound = sum((best - p) * math.log(20_000) / distance for p, distance in zip(RATES[:2], kl, strict=True))
    assert mean < even / 5
    assert mean < bound


def test_the_same_data_make_the_same_decision() -> None:
    """No chance is in it: a decision can be worked out again."""
    arms = [Moments(n=500, y=40, yy=40), Moments(n=500, y=55, yy=55)]
    assert decide("ab", RATE, arms, [0.5, 0.5], FREE) == decide("ab", RATE, arms, [0.5, 0.5], FREE)


def test_no_share_below_the_minimum() -> None:
    """A hopeless variant keeps its minimum; all shares sum to one."""
    arms = [Moments(n=5000, y=50, yy=50), Moments(n=5000, y=500, yy=500), Moments(n=5000, y=40, yy=40)]
    found = decide("abc", RATE, arms, [1 / 3] * 3, Bandit(minimum_share=0.1, stop_loss=None))
    assert min(found.shares) == pytest.approx(0.1)
    assert sum(found.shares) == pytest.approx(1)
    assert with_minimum([0.0, 0.0, 1.0], 0.5) == pytest.approx([1 / 3] * 3)


def test_it_stops_by_expected_loss_only() -> None:
    """A clear leader with enough units stops it; close ones, or too few units, do not."""
    clear = [Moments(n=2000, y=100, yy=100), Moments(n=2000, y=300, yy=300)]
    close = [Moments(n=2000, y=200, yy=200), Moments(n=2000, y=205, yy=205)]
    assert (decide("ab", RATE, clear, [0.5, 0.5], Bandit()).action, decide("ab", RATE, close, [0.5, 0.5], Bandit()).action) == (
        "stopped",
        "updated",
    )
    assert decide("ab", RATE, clear, [0.5, 0.5], Bandit(stop_units=10_000)).action == "updated"
    assert "below the 0.50%" in decide("ab", RATE, clear, [0.5, 0.5], Bandit()).explanation


def test_a_discount_follows_a_drift() -> None:
    """The leader of the first ten days falls behind afterwards: with a discount the shares turn, without one they do not."""
    old, new = (
        (Moments(n=1000, y=120, yy=120), Moments(n=1000, y=80, yy=80)),
        (Moments(n=1000, y=80, yy=80), Moments(n=1000, y=100, yy=100)),
    )
    days = [[old[arm]] * 10 + [new[arm]] * 6 for arm in range(2)]
    steady = decide("ab", RATE, [discounted(one, 1.0) for one in days], [0.5, 0.5], FREE)
    drifting = decide("ab", RATE, [discounted(one, 0.7) for one in days], [0.5, 0.5], FREE)
    assert (steady.leader, drifting.leader) == (0, 1)


def test_means_and_falling_goals() -> None:
    """Revenue is believed to be normal; where less is better the smallest leads; no data could be anything."""
    revenue = Metric(key="r", role="primary", type="revenue", event="e")
    random = np.random.default_rng(3)
    arms = [Moments.of(random.exponential(mean, 800)) for mean in (10, 12)]
    assert decide("ab", revenue, arms, [0.5, 0.5], FREE).leader == 1
    assert decide("ab", revenue.model_copy(update={"goal": "decrease"}), arms, [0.5, 0.5], FREE).leader == 0
    open_ = decide("ab", revenue, [arms[0], Moments()], [0.5, 0.5], Bandit(min_units=1, stop_loss=None))
    assert open_.action == "kept"
