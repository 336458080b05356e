"""The best split on a grid, by dynamic programming: exact there, whatever shape the curves have.

What a plan brings is a sum over channels, each a function of its own spend. A hill may be S-shaped, so a search that climbs
from some split can end on a lower peak; this finds the highest one to within a step, and the climb goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.mmm.market import Array
from pipelines.mmm.planning import Response

POINTS = 65  # of each channel's curve, closer together where little is spent
STEPS = 120  # that the free part of a budget is divided into


@dataclass(frozen=True)
class Curves:
    """What each channel is expected to bring: outcome [POINTS, C] at spend [POINTS]."""

    spend: Array
    outcome: Array

    def at(self, spend: Array) -> Array:
        """[C, N] of spend [C, N]."""
        return np.array([np.interp(one, self.spend, self.outcome[:, n]) for n, one in enumerate(spend)])


def curves_of(response: Response, most: float) -> Curves:
    """Up to a spend of `most` in one channel."""
    spend = most * np.linspace(0.0, 1.0, POINTS) ** 2
    channels = len(response.spend)
    return Curves(spend, np.array([response.outcome(np.full(channels, x)).mean(axis=0) for x in spend]))


@dataclass(frozen=True)
class Allocations:
    """totals: [N + 1], from the sum of the lower bounds on. outcome: [N + 1], the most that each is expected to bring; -inf where
    the bounds do not allow it. chosen: [C, N + 1], the steps that the last channel takes when the first ones share n.
    """

    low: Array
    step: float
    totals: Array
    outcome: Array
    chosen: np.ndarray[Any, np.dtype[np.int64]]

    def split(self, n: int) -> Array:
        """[C], the best split of totals[n]."""
        plan = self.low.copy()
        for channel in range(len(plan) - 1, -1, -1):
            steps = int(self.chosen[channel, n])
            plan[channel] += steps * self.step
            n -= steps
        return plan


def allocations(curves: Curves, low: Array, high: Array, most: float) -> Allocations:
    """The best splits of every total from the lower bounds' sum to `most`, within the bounds. low, high: [C]."""
    step = max(most - float(low.sum()), 0.0) / STEPS
    steps = np.arange(STEPS + 1)
    spend = low[:, None] + step * steps
    gains = np.where(spend <= high[:, None] + 1e-9 * max(most, 1.0), curves.at(spend), -np.inf)
    left = steps[:, None] - steps[None, :]  # of n steps, when this channel takes k
    outcome = np.where(steps == 0, 0.0, -np.inf)
    chosen: np.ndarray[Any, np.dtype[np.int64]] = np.empty(gains.shape, dtype=np.int64)
    for channel, gain in enumerate(gains):
        together = np.where(left >= 0, outcome[left] + gain, -np.inf)
        chosen[channel] = together.argmax(axis=1)
        outcome = together.max(axis=1)
    return Allocations(low, step, np.asarray(float(low.sum()) + step * steps, dtype=float), outcome, chosen)
