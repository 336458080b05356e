"""Adstock and saturation against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipelines.mmm.adstock import delayed_weights, geometric_weights, lagged, usual_spend_before
from pipelines.mmm.saturation import CURVES, saturated, spend_at, steepness


def test_geometric_weights_halve() -> None:
    """With half kept a week, three lags weigh 4/7, 2/7 and 1/7."""
    assert geometric_weights(0.5, 3) == pytest.approx([4 / 7, 2 / 7, 1 / 7])


def test_delayed_weights_peak_later() -> None:
    """With a peak one week late and half kept, lags 0 and 2 weigh half of lag 1."""
    assert delayed_weights(0.5, 1.0, 3) == pytest.approx([0.25, 0.5, 0.25])


def test_weights_are_vectors_over_draws() -> None:
    """Draws of channels in, weights of draws of channels out, each summing to one."""
    weights = geometric_weights(np.array([[0.0, 0.3], [0.6, 0.9]]), 5)
    assert weights.shape == (2, 2, 5)
    assert weights.sum(axis=-1) == pytest.approx(np.ones((2, 2)))
    assert weights[0, 0] == pytest.approx([1, 0, 0, 0, 0])


def test_spend_of_one_week_is_carried_into_the_next() -> None:
    """100 spent in the second week works by 4/7 then, 2/7 and 1/7 in the weeks after."""
    stocked = lagged(np.array([0.0, 100.0, 0.0, 0.0, 0.0]), np.zeros(2), 3) @ geometric_weights(0.5, 3)
    assert stocked == pytest.approx([0, 400 / 7, 200 / 7, 100 / 7, 0])


def test_what_was_before_the_first_week_is_carried_in() -> None:
    """A steady spender is steady from the first week on; one that begins later carries nothing in."""
    spend = np.array([[10.0, 10, 10, 10, 10], [0, 0, 0, 10, 10]])
    stocked = lagged(spend, usual_spend_before(spend, 3), 3) @ geometric_weights(0.5, 3)
    assert stocked[0] == pytest.approx([10] * 5)
    assert stocked[1, :3] == pytest.approx([0] * 3)


@pytest.mark.parametrize("curve", CURVES)
def test_half_is_reached_at_half(curve: str) -> None:
    """`half` is the spend of half the ceiling, whatever the curve; nothing brings nothing."""
    assert saturated(curve, [0.0, 40.0, 1e9], 40.0) == pytest.approx([0, 0.5, 1])


def test_a_hill_by_hand() -> None:
    """With slope 2, thrice the half-saturating spend reaches 9/10."""
    assert saturated("hill", 120.0, 40.0, 2.0) == pytest.approx(0.9)


def test_logistic_by_hand() -> None:
    """(1 - e^-λx) / (1 + e^-λx) with λ = ln 3 / half: at twice the half it is 0.8."""
    assert saturated("logistic", 80.0, 40.0) == pytest.approx((1 - 1 / 9) / (1 + 1 / 9)) == pytest.approx(0.8)
    assert saturated("tanh", 80.0, 40.0) == pytest.approx(math.tanh(math.log(3)))


@pytest.mark.parametrize("curve", CURVES)
def test_steepness_is_the_derivative(curve: str) -> None:
    """Against a difference quotient."""
    at, step = np.array([5.0, 40.0, 90.0]), 1e-5
    slope = 1.7
    quotient = (saturated(curve, at + step, 40.0, slope) - saturated(curve, at - step, 40.0, slope)) / (2 * step)
    assert steepness(curve, at, 40.0, slope) == pytest.approx(quotient, rel=1e-6)


@pytest.mark.parametrize("curve", CURVES)
def test_the_spend_of_a_height(curve: str) -> None:
    """`spend_at` undoes `saturated`."""
    assert saturated(curve, spend_at(curve, 0.9, 40.0, 1.4), 40.0, 1.4) == pytest.approx(0.9)
