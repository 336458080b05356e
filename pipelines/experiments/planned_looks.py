"""Group-sequential reading: boundaries for a planned number of looks, which spend the error rate as information comes in.

Alpha spending of Lan and DeMets (1983) with O'Brien and Fleming's shape, two-sided; boundaries by recursive numerical
integration (Armitage, McPherson and Rowe 1969; Jennison and Turnbull, "Group Sequential Methods", 2000, chapter 19). A look
may come at any information, also at another one than planned, as long as when to look does not depend on what was seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_POINTS = 241  # of the grid; an odd number, as Simpson's rule wants it
_REACH = 8.0  # standard deviations beyond which nothing is integrated
_BISECTIONS = 40
_NOTHING = 1e-12


def spent(t: float, alpha: float) -> float:
    """How much of alpha is used up by information t; all of it from t = 1 on."""
    from scipy.special import ndtr, ndtri

    return float(4 * ndtr(ndtri(alpha / 4) / math.sqrt(min(t, 1.0)))) if t > 0 else 0.0


def boundaries(times: Sequence[float], alpha: float = 0.05) -> list[float]:
    """The |z| that rejects at each look; infinite at a look that brings nothing to spend.

    times: the looks' information, never falling, 1 at the planned end. Looks past it have no alpha left.
    """
    return list(_boundaries(tuple(round(float(t), 6) for t in times), alpha))


@lru_cache(maxsize=256)
def _boundaries(times: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    found: list[float] = []
    path, used = _Path(), 0.0
    for t in times:
        wanted = spent(t, alpha) - used
        bound = path.bound(t, wanted) if t > path.t and wanted > _NOTHING else math.inf
        if t > path.t:
            path = path.after(t, bound)
        used += wanted if bound < math.inf else 0.0
        found.append(bound)
    return tuple(found)


@dataclass(frozen=True)
class _Path:
    """The score S at information t on the paths that have not rejected. S has variance t, and mean drift · t."""

    t: float = 0.0
    grid: Any = None  # None before the first look: S is 0
    density: Any = None
    drift: float = 0.0

    def crossing(self, t: float, bound: float) -> float:
        """P(|S| > bound · √t at t, not rejected before)."""
        from scipy.special import ndtr

        shift, scale, edge = self.drift * (t - self.t), math.sqrt(t - self.t), bound * math.sqrt(t)
        if self.grid is None:
            return float(ndtr((shift - edge) / scale) + ndtr((-edge - shift) / scale))
        at = self.grid + shift
        above = ndtr((at - edge) / scale) + ndtr((-edge - at) / scale)
        return float((_simpson(self.grid) * self.density * above).sum())

    def bound(self, t: float, wanted: float) -> float:
        """The |z| that is crossed at t with probability `wanted`."""
        low, high = 0.0, _REACH
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.crossing(t, middle) > wanted else (low, middle)
        return (low + high) / 2

    def after(self, t: float, bound: float) -> _Path:
        """The paths that go on past a look at t."""
        import numpy as np

        shift, variance = self.drift * (t - self.t), t - self.t
        reach = abs(self.drift) * t + _REACH * math.sqrt(t)
        edge = min(bound * math.sqrt(t), reach)
        grid = np.linspace(-edge, edge, _POINTS)
        if self.grid is None:
            density = np.exp(-((grid - shift) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
        else:
            kernel = np.exp(-((grid[:, None] - self.grid[None, :] - shift) ** 2) / (2 * variance))
            density = kernel @ (_simpson(self.grid) * self.density) / math.sqrt(2 * math.pi * variance)
        return _Path(t, grid, density, self.drift)


def _simpson(grid: Any) -> Any:
    import numpy as np

    weights = np.full(len(grid), 2.0)
    weights[1::2], weights[0], weights[-1] = 4.0, 1.0, 1.0
    return weights * (grid[1] - grid[0]) / 3


@lru_cache(maxsize=64)
def inflation(looks: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Units needed with so many equal looks ÷ units of a test with one look, for the same power."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    times = tuple((look + 1) / looks for look in range(looks))
    fixed = float(ndtri(1 - alpha / 2) + ndtri(power))
    return float(brentq(lambda factor: power_of(times, fixed * math.sqrt(factor), alpha) - power, 0.9, 2.0, xtol=1e-4))


def power_of(times: Sequence[float], drift: float, alpha: float = 0.05) -> float:
    """P(reject at some look) when z at information 1 has the mean `drift`."""
    path, total = _Path(drift=drift), 0.0
    for t, bound in zip(times, boundaries(times, alpha), strict=True):
        total += path.crossing(t, bound) if bound < math.inf else 0.0
        path = path.after(t, bound) if t > path.t else path
    return total
