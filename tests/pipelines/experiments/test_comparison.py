"""Test statistics against SciPy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportions_ztest

from core.errors import InvalidInput, Untestable
from pipelines.experiments.comparison import check_testable, compare
from pipelines.experiments.design import Metric
from pipelines.experiments.estimates import adjusted, cuped, mean, ratio, stratified
from pipelines.experiments.lift import lift
from pipelines.experiments.moments import Moments
from pipelines.experiments.multiple import adjust
from pipelines.experiments.power import smallest_effect, units_needed
from pipelines.experiments.sample_ratio import check

RATE = Metric(key="rate", role="primary", event="e")


def test_proportions() -> None:
    """The pooled z-test of two rates is statsmodels'."""
    arms = Moments(n=1200, y=130, yy=130), Moments(n=1100, y=160, yy=160)
    found = compare(mean(arms[0]), mean(arms[1]), 0.05, test="z", proportions=(290, 2300))
    z, p = proportions_ztest([160, 130], [1100, 1200])
    assert (found.statistic, found.p_value) == (pytest.approx(z), pytest.approx(p))


def test_welch() -> None:
    """Statistic, p-value, degrees of freedom and interval are SciPy's for unequal variances."""
    random = np.random.default_rng(1)
    one, other = random.normal(5, 1, 80), random.normal(5.4, 3, 60)
    found = compare(mean(Moments.of(one)), mean(Moments.of(other)), 0.05)
    theirs = stats.ttest_ind(other, one, equal_var=False)
    assert (found.statistic, found.p_value, found.df) == tuple(map(pytest.approx, (theirs.statistic, theirs.pvalue, theirs.df)))
    assert (found.low, found.high) == tuple(map(pytest.approx, theirs.confidence_interval(0.95)))


def test_the_delta_method_has_the_spread_of_a_bootstrap() -> None:
    """The standard error of a ratio over units is the one that resampling the units finds."""
    random = np.random.default_rng(2)
    x = 1 + random.poisson(3, 4000)
    y = random.binomial(x, 0.2 * random.beta(2, 2, 4000) * 2)
    found = ratio(Moments.of(y, x))
    drawn = random.integers(0, 4000, (400, 4000))
    again = y[drawn].sum(1) / x[drawn].sum(1)
    assert found.value == pytest.approx(y.sum() / x.sum())
    assert found.variance**0.5 == pytest.approx(again.std(), rel=0.12)


def test_relative_effects_cover_the_truth() -> None:
    """Of 95 % intervals for the relative effect, about 95 % hold it."""
    random = np.random.default_rng(3)
    y = [random.binomial(2000, rate, 4000).astype(float) for rate in (0.1, 0.12)]
    one, other = (mean(Moments(n=np.full(4000, 2000.0), y=buyers, yy=buyers)) for buyers in y)
    found = compare(one, other, 0.05, test="z")
    covered = np.logical_and(np.asarray(found.relative_low) < 0.2, np.asarray(found.relative_high) > 0.2)
    assert abs(covered.mean() - 0.95) < 0.012


def test_cuped_sharpens_without_bias() -> None:
    """With a correlation of 0.8 the variance falls to 1 − 0.8², and theta is the regression's slope."""
    random = np.random.default_rng(4)
    z = random.normal(10, 2, 20_000)
    y = 3 + 0.8 * z + random.normal(0, 1.2, 20_000)
    halves = [Moments.of(y[half], z=z[half]) for half in (slice(0, 10_000), slice(10_000, None))]
    theta, centre = cuped(halves)
    assert theta == pytest.approx(np.cov(y, z)[0, 1] / z.var(ddof=1), rel=0.01)
    for half in halves:
        assert adjusted(half, theta, centre).variance / mean(half).variance == pytest.approx(1 - 0.8**2, abs=0.02)
    assert adjusted(halves[0], theta, centre).value - adjusted(halves[1], theta, centre).value == pytest.approx(0, abs=0.06)


def test_strata_weigh_the_same_on_both_sides() -> None:
    """A stratified mean is the weighted sum, with the weighted variances."""
    parts = [mean(Moments.of([1, 2, 3])), mean(Moments.of([5, 7]))]
    found = stratified(parts, [0.25, 0.75])
    assert found.value == pytest.approx(0.25 * 2 + 0.75 * 6)
    assert found.variance == pytest.approx(0.25**2 / 3 + 0.75**2 * 2 / 2)


@pytest.mark.parametrize(("how", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_many_comparisons(how: str, theirs: str) -> None:
    """Adjusted p-values are statsmodels', ties included."""
    p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.03, 0.9]
    assert adjust(p, how) == pytest.approx(multipletests(p, method=theirs)[1])


def test_a_one_percent_skew_is_caught() -> None:
    """50.5 : 49.5 of 200,000 units is a mismatch; a fair split of as many is not; the test is Pearson's."""
    skewed, fair = check([[101_000, 99_000]], [[0.5, 0.5]]), check([[100_200, 99_800]], [[0.5, 0.5]])
    assert (skewed.mismatch, fair.mismatch) == (True, False)
    assert skewed.p_value == pytest.approx(stats.chisquare([101_000, 99_000]).pvalue)
    three = check([[4_100, 3_000, 2_900]], [[0.4, 0.3, 0.3]])
    assert three.p_value == pytest.approx(stats.chisquare([4_100, 3_000, 2_900], [4000, 3000, 3000]).pvalue)


def test_a_change_of_weights_is_no_mismatch() -> None:
    """Units are expected version by version; the false alarms are as rare as they should be."""
    random = np.random.default_rng(5)
    splits = [[0.8, 0.2], [0.1, 0.9]]
    drawn = [[random.multinomial(3000, splits[0]).tolist(), random.multinomial(1000, splits[1]).tolist()] for _ in range(300)]
    p = [check(counts, splits).p_value for counts in drawn]
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_sample_size() -> None:
    """Units and detectable effects are statsmodels' up to its own approximation of the variance."""
    need = units_needed(kind="mean", baseline=10, effect=0.02, deviation=3)
    theirs = NormalIndPower().solve_power(effect_size=0.2 / 3, alpha=0.05, power=0.8)
    assert need.units_by_variant[0] == pytest.approx(theirs, rel=0.001)
    back = smallest_effect(kind="mean", baseline=10, units=need.units, deviation=3)
    assert back.effect == pytest.approx(0.02, rel=0.001)
    planned, anytime = (
        units_needed(kind="mean", baseline=10, effect=0.02, deviation=3, reading=r, looks=14).units for r in ("planned", "anytime")
    )
    assert 1.0 < planned / need.units < 1.06
    assert anytime / need.units == pytest.approx(1.45, abs=0.01)


def test_days_follow_from_the_daily_rate() -> None:
    """A duration is the units over the units of a day; impossible rates are refused."""
    assert units_needed(kind="binomial", baseline=0.1, effect=0.1, per_day=1000).days == 30
    with pytest.raises(InvalidInput, match="is no rate"):
        units_needed(kind="binomial", baseline=0.6, effect=1.0)
    with pytest.raises(InvalidInput, match="standard deviation"):
        units_needed(kind="mean", baseline=5, effect=0.1)


@pytest.mark.parametrize(
    ("control", "treatment", "said"),
    [
        (Moments(n=1), Moments(n=50, y=1, yy=1), "1 units; 2 are needed"),
        (Moments(n=50), Moments(n=50), "no conversions"),
        (Moments(n=50, y=50, yy=50), Moments(n=50, y=50, yy=50), "without variance"),
    ],
)
def test_untestable_data_says_why(control: Moments, treatment: Moments, said: str) -> None:
    """No units, no conversions, no variance."""
    with pytest.raises(Untestable, match=said):
        check_testable(RATE, control, treatment)


def test_a_ratio_needs_its_denominator() -> None:
    """Nobody did what it is divided by."""
    metric = Metric(key="r", type="ratio", event="click", denominator="view")
    with pytest.raises(Untestable, match="'view'"):
        check_testable(metric, Moments(n=50, y=1, yy=1, x=0), Moments(n=50, y=1, yy=1, x=3))


def test_a_lift_sums_over_the_units() -> None:
    """The total and its standard error grow with the variant's units; without a control's value there is no relative lift."""
    arms = mean(Moments(n=1000, y=100, yy=100)), mean(Moments(n=2000, y=300, yy=300))
    found = lift("m", "b", compare(*arms, 0.05, test="z"), 2000)
    assert [found.total, found.total_se] == pytest.approx([100, 2000 * found.per_unit_se])
    nothing = lift("m", "b", compare(mean(Moments(n=1000)), arms[1], 0.05, test="z"), 2000)
    assert (nothing.relative, nothing.relative_se) == (None, None)
