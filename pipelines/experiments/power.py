"""Before the start: how many units, how small an effect, how many days."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.errors import InvalidInput
from pipelines.experiments import planned_looks

# Units that the always-valid reading needs for the power which the fixed test has, found by the simulation in `simulation.py`.
ANYTIME_INFLATION = 1.45
MOST_UNITS = 10**12


@dataclass(frozen=True)
class Need:
    """units: of all variants together. effect: relative to the control's value. days: None without a daily rate."""

    units: int
    units_by_variant: list[int]
    effect: float
    days: int | None
    reading: str


def variance_of(kind: str, baseline: float, deviation: float | None) -> float:
    """Of one unit's value: p(1 − p) for rates, the given standard deviation's square otherwise. Raises InvalidInput."""
    if kind == "binomial":
        if not 0 < baseline < 1:
            raise InvalidInput(f"A rate of {baseline} cannot be planned with", errors=[_fault("baseline", "must be between 0 and 1")])
        return baseline * (1 - baseline)
    if not deviation:
        detail = f"is needed for a metric of type {kind}: the spread between units"
        raise InvalidInput("The standard deviation is missing", errors=[_fault("standard_deviation", detail)])
    return deviation * deviation


def units_needed(
    *,
    kind: str,
    baseline: float,
    effect: float,
    deviation: float | None = None,
    weights: tuple[float, ...] = (0.5, 0.5),
    alpha: float = 0.05,
    power: float = 0.8,
    reading: str = "fixed",
    looks: int = 1,
    per_day: float | None = None,
) -> Need:
    """For a relative effect of every variant against the control, Bonferroni over the variants.

    n = (z(1 − α/2) + z(power))² · (s₀²/w₀ + s₁²/w₁) / δ², the variance under the effect for rates.
    """
    treated = baseline * (1 + effect)
    if kind == "binomial" and not 0 < treated < 1:
        raise InvalidInput(f"An effect of {effect:+.0%} on {baseline:.2%} is no rate", errors=[_fault("effect", "leads outside 0 to 1")])
    before, after = variance_of(kind, baseline, deviation), variance_of(kind, treated, deviation)
    drift = _drift(alpha / max(len(weights) - 1, 1), power)
    spread = before / weights[0] + after / min(weights[1:])
    total = drift * drift * spread / (baseline * effect) ** 2 * factor_of(reading, looks, alpha, power)
    return _need(total, weights, effect, per_day, reading)


def smallest_effect(
    *,
    kind: str,
    baseline: float,
    units: int,
    deviation: float | None = None,
    weights: tuple[float, ...] = (0.5, 0.5),
    alpha: float = 0.05,
    power: float = 0.8,
    reading: str = "fixed",
    looks: int = 1,
    per_day: float | None = None,
) -> Need:
    """The relative effect that so many units find with the wanted power (MDE), at the control's variance.

    Raises InvalidInput where no rate is so far from the control's, up or down.
    """
    drift = _drift(alpha / max(len(weights) - 1, 1), power)
    spread = variance_of(kind, baseline, deviation) * (1 / weights[0] + 1 / min(weights[1:]))
    effect = drift * math.sqrt(spread * factor_of(reading, looks, alpha, power) / units) / abs(baseline)
    if kind == "binomial" and effect >= 1 and baseline * (1 + effect) >= 1:
        told = f"so few units would find only a change by {effect:.0%} ({reading} reading), which no rate of {baseline:.2%} can have"
        raise InvalidInput("The units are too few for any effect", errors=[_fault("units", told)])
    return _need(units, weights, effect, per_day, reading)


def factor_of(reading: str, looks: int, alpha: float, power: float) -> float:
    """What a reading costs in units: `fixed` one look at the end, `planned` looks, `anytime`."""
    if reading == "planned":
        return planned_looks.inflation(looks, alpha, power)
    return ANYTIME_INFLATION if reading == "anytime" else 1.0


def _drift(alpha: float, power: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2) + ndtri(power))


def _need(total: float, weights: tuple[float, ...], effect: float, per_day: float | None, reading: str) -> Need:
    if total > MOST_UNITS:
        raise InvalidInput("An effect so small takes more than a trillion units", errors=[_fault("effect", "is too small to be found")])
    each = [math.ceil(total * weight) for weight in weights]
    days = math.ceil(sum(each) / per_day) if per_day else None
    return Need(sum(each), each, effect, days, reading)


def _fault(field: str, detail: str) -> dict[str, str]:
    return {"pointer": f"/{field}", "detail": detail}
