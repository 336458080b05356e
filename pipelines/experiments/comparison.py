"""A variant against the control: difference, interval, p-value. z for proportions and ratios, Welch's t for means."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Untestable
from pipelines.experiments.design import Metric
from pipelines.experiments.estimates import Estimate
from pipelines.experiments.moments import Moments, Number


@dataclass(frozen=True)
class Comparison:
    """difference: treatment − control, in the metric's unit; se: its standard error; low, high: at level 1 − alpha.

    relative: difference ÷ control, None where the control is 0. df: of Welch's t, None for a z-test.
    units: of the control and the treatment, as `Estimate` has them.
    """

    difference: Number
    se: Number
    low: Number
    high: Number
    statistic: Number
    p_value: Number
    relative: Number | None
    relative_se: Number | None
    relative_low: Number | None
    relative_high: Number | None
    df: Number | None
    test: str
    units: tuple[Number, Number]


def check_testable(metric: Metric, control: Moments, treatment: Moments, min_units: int = 2) -> None:
    """Raises Untestable: too few units, nobody did it, no variance, a ratio without denominators."""
    for name, arm in (("control", control), ("variant", treatment)):
        if arm.n < min_units:
            raise Untestable(f"The {name} has {arm.n:.0f} units; {min_units} are needed", hint="Wait for more units.")
    if metric.type == "ratio" and not (control.x > 0 and treatment.x > 0):
        raise Untestable(f"Nobody has done {metric.denominator!r}, which {metric.key!r} is divided by", hint="Check the event's name.")
    if not control.y and not treatment.y and not control.yy and not treatment.yy:
        raise Untestable(
            f"No {metric.event!r} of any unit since it was exposed: {metric.key!r} has no conversions",
            hint="Check the event's name and that units and events carry the same identity.",
        )
    if control.variance <= 0 and treatment.variance <= 0:
        raise _without_variance(metric, control.mean, treatment.mean, "the same for every unit")


def check_spread(metric: Metric, control: Estimate, treatment: Estimate) -> None:
    """Raises Untestable where the estimates have no variance although the units differ: a ratio that is the same for all,
    a mean that the covariate explains to the last, versions of the split that each know one value only.
    """
    if control.variance + treatment.variance <= 0:
        raise _without_variance(metric, control.value, treatment.value, "with nothing left that differs between units by chance")


def _without_variance(metric: Metric, control: Number, treatment: Number, how: str) -> Untestable:
    told = f"{float(control):.6g} in the control and {float(treatment):.6g} in the variant"
    return Untestable(f"{metric.key!r} is {told}, {how}: without variance nothing can be tested")


def compare(
    control: Estimate, treatment: Estimate, alpha: float, *, test: str = "welch", proportions: tuple[Number, Number] | None = None
) -> Comparison:
    """test `z` or `welch`. proportions: (successes of both, units of both); the z-statistic then pools them under no difference.

    Welch (1947) for unequal variances. Relative effects by the delta method.
    """
    import numpy as np

    difference = treatment.value - control.value
    se = np.sqrt(control.variance + treatment.variance)
    null_se = _pooled_se(*proportions, control.n, treatment.n) if proportions else se
    df = _welch_df(control, treatment) if test == "welch" else None
    statistic, reach = difference / null_se, _quantile(1 - alpha / 2, df)
    half = reach * se
    relative, spread = _relative(control, treatment)
    edge = reach * spread
    return Comparison(
        difference=difference,
        se=se,
        low=difference - half,
        high=difference + half,
        statistic=statistic,
        p_value=2 * _tail(abs(statistic), df),
        relative=relative,
        relative_se=None if relative is None else spread,
        relative_low=None if relative is None else relative - edge,
        relative_high=None if relative is None else relative + edge,
        df=df,
        test=test,
        units=(control.n, treatment.n),
    )


def _quantile(chance: float, df: Number | None) -> Number:
    from scipy.special import ndtri, stdtrit

    return ndtri(chance) if df is None else stdtrit(df, chance)


def _tail(size: Number, df: Number | None) -> Number:
    """The chance of more, under Student's law with df degrees of freedom or the normal one."""
    from scipy.special import ndtr, stdtr

    return ndtr(-size) if df is None else stdtr(df, -size)


def _pooled_se(successes: Number, units: Number, control: Number, treatment: Number) -> Number:
    import numpy as np

    rate = successes / units
    return np.sqrt(rate * (1 - rate) * (1 / control + 1 / treatment))


def _welch_df(control: Estimate, treatment: Estimate) -> Number:
    total = (control.variance + treatment.variance) ** 2
    return total / (control.variance**2 / (control.n - 1) + treatment.variance**2 / (treatment.n - 1))


def _relative(control: Estimate, treatment: Estimate) -> tuple[Number | None, Number]:
    """Treatment ÷ control − 1 and its standard error; None where the control is 0 somewhere."""
    import numpy as np

    if np.any(control.value == 0):
        return None, 0.0
    ratio = treatment.value / control.value
    return ratio - 1, np.sqrt(treatment.variance + ratio**2 * control.variance) / abs(control.value)
