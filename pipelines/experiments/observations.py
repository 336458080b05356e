"""What was seen of one metric, summed so that any day, version of the split or cohort can be read from it.

Days count from the start of the experiment in spans of 24 hours; the first is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.experiments.moments import Moments

_FIELDS = 9  # of Moments
_EXPOSED, _DONE = [0, 6, 7], [1, 2, 3, 4, 5, 8]  # places of what comes with an exposure, and with an outcome


@dataclass(frozen=True)
class Exposed:
    """Units that saw a variant first on this day. z, zz: their covariate and its squares, summed."""

    variant: int
    version: int
    day: int
    n: float
    z: float = 0.0
    zz: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What units exposed on day `cohort` did on day `day`.

    y, x: what came on top. yy, xx, xy, yz: by how much the sums of squares and products of the units' totals grew.
    own: the squares of what each unit did on that day alone.
    """

    variant: int
    version: int
    cohort: int
    day: int
    y: float
    yy: float
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yz: float = 0.0
    own: float = 0.0


@dataclass(frozen=True)
class Observations:
    """complete_days: days that are over; what comes on later ones may still change. problem: why none of it can be read."""

    variants: int
    complete_days: int
    exposed: tuple[Exposed, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    problem: str = ""

    @cached_property
    def days(self) -> int:
        return 1 + max([*(one.day for one in self.exposed), *(one.day for one in self.outcomes)], default=-1)

    @cached_property
    def versions(self) -> list[int]:
        return sorted({one.version for one in self.exposed})

    @cached_property
    def _cells(self) -> tuple[Any, Any]:
        """The fields of Moments by variant, version and day; and by variant, version and cohort."""
        import numpy as np

        shape = (self.variants, len(self.versions), self.days, _FIELDS)
        days, cohorts = np.zeros(shape), np.zeros(shape)
        at = {version: n for n, version in enumerate(self.versions)}
        for unit in self.exposed:
            for cells in (days, cohorts):
                cells[unit.variant, at[unit.version], unit.day, _EXPOSED] += (unit.n, unit.z, unit.zz)
        for o in self.outcomes:
            for cells, day in ((days, o.day), (cohorts, o.cohort)):
                cells[o.variant, at[o.version], day, _DONE] += (o.y, o.yy, o.x, o.xx, o.xy, o.yz)
        return days, cohorts

    @cached_property
    def _by_day(self) -> Any:
        """By variant, version and day: everything up to the day's end."""
        return self._cells[0].cumsum(2)

    def moments(self, day: int | None = None, version: int | None = None) -> list[Moments]:
        """A variant's moments each: of everything, or up to the end of a day, or of the units of one version only."""
        if not self.days:
            return [Moments()] * self.variants
        last = self._by_day[:, :, self.days - 1 if day is None else min(day, self.days - 1)]
        chosen = last.sum(1) if version is None else last[:, self.versions.index(version)]
        return [_moments(row) for row in chosen]

    def cohorts(self, variant: int) -> list[Moments]:
        """By day of the exposure, the first day first."""
        return [_moments(row) for row in self._cells[1][variant].sum(0)] if self.days else []

    def ages(self, variant: int) -> list[Moments]:
        """By complete days since the exposure; units that were not exposed for so long do not count."""
        whole = min(self.complete_days, self.days)
        units = self._cells[1][variant, :, :, 0].sum(0) if self.days else []
        found = [Moments(n=float(sum(units[: whole - age]))) for age in range(whole)]
        for o in self.outcomes:
            if o.variant == variant and o.day < whole:
                found[o.day - o.cohort] += Moments(y=o.y, yy=o.own)
        return found


def _moments(row: Sequence[float]) -> Moments:
    return Moments(*(float(one) for one in row))
