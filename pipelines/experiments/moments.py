"""Sums over units, all that any reading needs of the data. Numbers, or NumPy arrays of them for many experiments at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Number = Any  # a float, or an array of floats
ROUNDING = 1e-10  # of what a variance was worked out from: below it there is nothing but the rounding of sums


@dataclass(frozen=True)
class Moments:
    """n units; y: the unit's value (a ratio's numerator), x: a ratio's denominator, z: the value before the exposure."""

    n: Number = 0.0
    y: Number = 0.0
    yy: Number = 0.0
    x: Number = 0.0
    xx: Number = 0.0
    xy: Number = 0.0
    z: Number = 0.0
    zz: Number = 0.0
    yz: Number = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(*(one + more for one, more in zip(self.sums, other.sums, strict=True)))

    def scaled(self, factor: float) -> Moments:
        """Every unit counted `factor` times."""
        return Moments(*(factor * one for one in self.sums))

    @staticmethod
    def of(y: Any, x: Any = None, z: Any = None) -> Moments:
        """From the units' own values."""
        import numpy as np

        y = np.asarray(y, float)
        x = np.zeros_like(y) if x is None else np.asarray(x, float)
        z = np.zeros_like(y) if z is None else np.asarray(z, float)
        sums = (y, y * y, x, x * x, x * y, z, z * z, y * z)
        return Moments(float(len(y)), *(float(one.sum()) for one in sums))

    @property
    def sums(self) -> tuple[Number, ...]:
        return (self.n, self.y, self.yy, self.x, self.xx, self.xy, self.z, self.zz, self.yz)

    @property
    def mean(self) -> Number:
        return self.y / self.n

    @property
    def variance(self) -> Number:
        """Of one unit's value, unbiased."""
        return _variance(self.yy, self.y, self.n)

    @property
    def covariance_xy(self) -> Number:
        return _spread(self.xy, self.x, self.y, self.n)

    @property
    def covariance_yz(self) -> Number:
        return _spread(self.yz, self.y, self.z, self.n)

    @property
    def variance_x(self) -> Number:
        return _variance(self.xx, self.x, self.n)

    @property
    def variance_z(self) -> Number:
        return _variance(self.zz, self.z, self.n)


def cleared(spread: Number, scale: Number) -> Number:
    """The spread, or 0 where it is no more than what rounding leaves of a difference of figures as large as `scale`."""
    return spread * (spread > ROUNDING * scale)


def _variance(squares: Number, total: Number, n: Number) -> Number:
    return cleared(squares - total * total / n, squares) / (n - 1)


def _spread(product: Number, one: Number, other: Number, n: Number) -> Number:
    return (product - one * other / n) / (n - 1)
