"""A/A and A/B tests on made-up units: how often each reading cries out without reason, and how often it finds what is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.experiments import anytime, planned_looks
from pipelines.experiments.comparison import compare
from pipelines.experiments.estimates import Estimate, adjusted, mean, ratio
from pipelines.experiments.moments import Moments

METHODS = ("fixed", "peeking", "planned", "anytime", "bayesian")
_CHUNK_VALUES = 4_000_000  # drawn at once
_CORRELATION = 0.7  # of a unit's values before and after the exposure, for `cuped`

World = Literal["binomial", "mean", "revenue", "ratio", "cuped"]


@dataclass(frozen=True)
class Setting:
    """units: of both variants together at the end. looks: equally spaced. effect: relative, 0 for an A/A test.

    min_units: of a variant, below which a look is not read, as `Plan.min_units`.
    """

    world: World = "binomial"
    baseline: float = 0.1
    units: int = 10_000
    looks: int = 30
    runs: int = 2000
    alpha: float = 0.05
    power: float = 0.8
    effect: float = 0.0
    seed: int = 1
    min_units: int = 50


def rejections(setting: Setting, progress: Callable[[float], None] = lambda _: None) -> dict[str, float]:
    """The share of runs in which each method found a difference at some look (`fixed`: at the last)."""
    import numpy as np

    random = np.random.default_rng(setting.seed)
    each = max(1, min(setting.runs, _CHUNK_VALUES // max(setting.units, 1)))
    found, done = dict.fromkeys(METHODS, 0), 0
    while done < setting.runs:
        runs = min(each, setting.runs - done)
        z = _z(setting, random, runs)
        for method, rejected in read(z, setting.alpha, setting.power).items():
            found[method] += int(rejected.sum())
        done += runs
        progress(done / setting.runs)
    return {method: count / setting.runs for method, count in found.items()}


def read(z: Any, alpha: float = 0.05, power: float = 0.8) -> dict[str, Any]:
    """Which runs reject. z: a row a run, a column an equally spaced look.

    bayesian: stops when the chance of a variant to be the better one, under a flat prior, reaches 1 − alpha.
    """
    import numpy as np
    from scipy.special import ndtri

    looks = z.shape[1]
    times = (np.arange(looks) + 1) / looks
    size = abs(z)
    return {
        "fixed": size[:, -1] > ndtri(1 - alpha / 2),
        "peeking": (size > ndtri(1 - alpha / 2)).any(1),
        "planned": (size > np.array(planned_looks.boundaries(list(times), alpha))).any(1),
        "anytime": (size > anytime.critical_z(times, alpha, power)).any(1),
        "bayesian": (size > ndtri(1 - alpha)).any(1),
    }


def _z(setting: Setting, random: Any, runs: int) -> Any:
    """The z-statistics at each look, worked out as results are: from the units' moments through `estimates` and `compare`."""
    import numpy as np

    arms = [_moments(setting, random, runs, 1.0), _moments(setting, random, runs, 1 + setting.effect)]
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = _estimates(setting, arms)
        pooled = (arms[0].y + arms[1].y, arms[0].n + arms[1].n) if setting.world == "binomial" else None
        z = compare(one, other, setting.alpha, test="z", proportions=pooled).statistic
    return np.nan_to_num(z * (arms[0].n >= setting.min_units), nan=0.0, posinf=0.0, neginf=0.0)


def _estimates(setting: Setting, arms: list[Moments]) -> list[Estimate]:
    if setting.world == "cuped":
        covariance = arms[0].covariance_yz + arms[1].covariance_yz
        theta = covariance / (arms[0].variance_z + arms[1].variance_z)
        centre = (arms[0].z + arms[1].z) / (arms[0].n + arms[1].n)
        return [adjusted(arm, theta, centre) for arm in arms]
    return [ratio(arm) if setting.world == "ratio" else mean(arm) for arm in arms]


def _moments(setting: Setting, random: Any, runs: int, lift: float) -> Moments:
    """Cumulative over the looks: arrays of shape (runs, looks)."""
    import numpy as np

    batch = max(1, setting.units // 2 // setting.looks)
    shape = (runs, setting.looks, batch)
    n = np.broadcast_to(batch * (np.arange(setting.looks) + 1.0), shape[:2])
    if setting.world == "binomial":
        y = random.binomial(batch, setting.baseline * lift, shape[:2]).cumsum(1).astype(float)
        return Moments(n, y, y)
    y, x, z = _values(setting, random, shape, lift)

    def summed(values: Any) -> Any:
        return values.sum(2).cumsum(1)

    return Moments(n, summed(y), summed(y * y), summed(x), summed(x * x), summed(x * y), summed(z), summed(z * z), summed(y * z))


def _values(setting: Setting, random: Any, shape: tuple[int, int, int], lift: float) -> tuple[Any, Any, Any]:
    """Units' values: y, a ratio's denominator x, the value before the exposure z."""
    import numpy as np

    none = np.zeros((1, 1, 1))
    if setting.world == "revenue":  # few buy, and what they spend is skewed
        return (random.random(shape) < 0.1) * random.lognormal(0.0, 1.0, shape) * lift, none, none
    if setting.world == "ratio":
        x = 1.0 + random.poisson(2.0, shape)
        return random.binomial(x.astype(int), setting.baseline * lift).astype(float), x, none
    z = random.standard_normal(shape)
    noise = random.standard_normal(shape)
    y = 5 * (lift - 1) + 5 + _CORRELATION * z + np.sqrt(1 - _CORRELATION**2) * noise
    return y, none, z
