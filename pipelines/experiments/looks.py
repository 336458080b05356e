"""One variant against the control as the days go by, with both readings that may be looked at every day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.experiments import anytime, planned_looks
from pipelines.experiments.comparison import Comparison

DEFAULT_PLANNED_UNITS = 10_000  # what the always-valid reading is tuned to when nobody has planned


@dataclass(frozen=True)
class Look:
    """The state at the end of a day, or now on the day that still runs.

    t: information, 1 at the planned end. z: difference ÷ its standard error. anytime_z, planned_z: what |z| must pass;
    planned_z is None on a day that is no planned look or not over, or has no error rate to spend.
    """

    day: int
    units: int
    t: float
    difference: float
    se: float
    z: float
    anytime_z: float
    anytime_p: float
    planned_z: float | None


@dataclass(frozen=True)
class Finding:
    """Over all looks so far. day: when the boundary was passed first, None while it is not. low, high: of the last look."""

    significant: bool
    day: int | None
    p_value: float | None
    low: float | None
    high: float | None
    critical_z: float | None


NOTHING = Finding(False, None, None, None, None, None)


def information(units: tuple[float, float], weights: tuple[float, float], planned: int | None) -> float:
    """What two groups tell of a difference ÷ what they would at the planned end: harmonic sums, so that uneven groups count right.

    A group that gets nobody any more has no planned end of its own; halves stand in for its share.
    """
    if not min(units):
        return 0.0
    weights = weights if min(weights) > 0 else (0.5, 0.5)
    end = (planned or DEFAULT_PLANNED_UNITS) / (1 / weights[0] + 1 / weights[1])
    return 1 / (1 / units[0] + 1 / units[1]) / end


def look(day: int, units: float, t: float, compared: Comparison, p: float, reach: float, planned_z: float | None) -> Look:
    """p, reach: the always-valid p-value and what |z| must pass."""
    return Look(day, int(units), t, float(compared.difference), float(compared.se), z_of(compared), reach, p, planned_z)


def z_of(compared: Comparison) -> float:
    return float(compared.difference / compared.se)


def always_valid(times: Sequence[float], compared: Sequence[Comparison], alpha: float, power: float) -> list[tuple[float, float]]:
    """The p-value of each look by itself, and what |z| must pass. alpha: already divided by the number of variants compared."""
    import numpy as np

    t, z = np.array(times), np.array([z_of(one) for one in compared])
    p, reach = anytime.p_value(z, t, alpha, power), anytime.critical_z(t, alpha, power)
    return [(float(one), float(other)) for one, other in zip(p, reach, strict=True)]


def planned_bounds(times: Sequence[float], alpha: float) -> list[float | None]:
    return [bound if math.isfinite(bound) else None for bound in planned_looks.boundaries(times, alpha)]


def anytime_finding(looks: Sequence[Look], alpha: float, comparisons: int) -> Finding:
    """The smallest p-value of all looks stands, times the number of comparisons."""
    if not looks:
        return NOTHING
    smallest = min(one.anytime_p for one in looks)
    return _finding(looks, [one.anytime_p < alpha for one in looks], looks[-1].anytime_z, min(1.0, comparisons * smallest))


def planned_finding(looks: Sequence[Look]) -> Finding:
    """Whether a planned look has passed its boundary; a plan rejects or does not, it has no p-value."""
    tested = [one for one in looks if one.planned_z is not None]
    if not tested:
        return NOTHING
    return _finding(tested, [abs(one.z) > (one.planned_z or 0.0) for one in tested], tested[-1].planned_z or 0.0, None)


def _finding(looks: Sequence[Look], passed: Sequence[bool], critical: float, p_value: float | None) -> Finding:
    day = next((one.day for one, over in zip(looks, passed, strict=True) if over), None)
    last = looks[-1]
    return Finding(day is not None, day, p_value, last.difference - critical * last.se, last.difference + critical * last.se, critical)
