"""What is believed of each variant after the data: Beta for rates, normal for means; who is best, and what a wrong choice costs.

Worked out on a grid, without random draws, so that the same data always give the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_POINTS = 801
_TAIL = 1e-9  # of each posterior is left outside the grid
_SURE = 1e-150  # a standard deviation that stands for none


@dataclass(frozen=True)
class Posterior:
    """A Beta law (a, b), or a normal one (a: mean, b: standard deviation)."""

    law: str
    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b) if self.law == "beta" else self.a

    def cdf(self, values: Any) -> Any:
        from scipy.special import betainc, ndtr

        if self.law == "beta":
            return betainc(self.a, self.b, values.clip(0.0, 1.0))
        return ndtr((values - self.a) / self.b)

    def quantile(self, chance: float) -> float:
        from scipy.special import betaincinv, ndtri

        return float(betaincinv(self.a, self.b, chance) if self.law == "beta" else self.a + self.b * ndtri(chance))

    def density(self, values: Any) -> Any:
        from scipy import stats

        law = stats.beta(self.a, self.b) if self.law == "beta" else stats.norm(self.a, self.b)
        return law.pdf(values)


@dataclass(frozen=True)
class Belief:
    """best: the chance that this variant is the best one. loss: what choosing it is expected to cost, in the metric's unit."""

    mean: float
    low: float
    high: float
    best: float
    loss: float


def beta(successes: float, units: float) -> Posterior:
    """From the flat prior Beta(1, 1)."""
    return Posterior("beta", 1.0 + successes, 1.0 + max(units - successes, 0.0))


def normal(mean: float, variance: float) -> Posterior:
    """From a flat prior. variance: of the mean."""
    return Posterior("normal", mean, max(math.sqrt(variance), _SURE))


def beliefs(posteriors: Sequence[Posterior], *, goal: str = "increase", level: float = 0.95) -> list[Belief]:
    """One for each variant. goal `decrease`: the smallest is the best."""
    import numpy as np

    grid = _grid(posteriors)
    below = np.array([one.cdf(grid) for one in posteriors])
    if goal == "decrease":  # from here on: the chance to be beyond
        grid, below = -grid[::-1], 1 - below[:, ::-1]
    best = _chances(below)
    extreme = float(grid[-1] - np.trapezoid(below.prod(0), grid))  # E of the largest: 1 − the product of all distribution functions
    sign, edge = (-1 if goal == "decrease" else 1), (1 - level) / 2
    return [
        Belief(one.mean, one.quantile(edge), one.quantile(1 - edge), chance, max(extreme - sign * one.mean, 0.0))
        for one, chance in zip(posteriors, best, strict=True)
    ]


def _grid(posteriors: Sequence[Posterior]) -> Any:
    import numpy as np

    ends = [(one.quantile(_TAIL), one.quantile(1 - _TAIL)) for one in posteriors]
    spans = [np.linspace(low, high, _POINTS) for low, high in ends]
    return np.unique(np.concatenate([*spans, np.array([min(low for low, _ in ends), max(high for _, high in ends)])]))


def _chances(below: Any) -> list[float]:
    """P(each is the largest): its density times the others' distribution functions, summed."""
    import numpy as np

    steps, middles = np.diff(below, axis=1), (below[:, 1:] + below[:, :-1]) / 2
    best = [float((steps[one] * np.delete(middles, one, axis=0).prod(0)).sum()) for one in range(len(below))]
    return [chance / sum(best) for chance in best]


def curve(posterior: Posterior, points: int = 81) -> tuple[list[float], list[float]]:
    """What to draw: values and their densities."""
    import numpy as np

    values = np.linspace(posterior.quantile(0.0005), posterior.quantile(0.9995), points)
    return [float(one) for one in values], [float(one) for one in posterior.density(values)]
