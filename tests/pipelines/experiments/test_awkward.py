"""Data that readings stumble over: nothing that varies, rounding, splits that leave a variant alone, years of days."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from scipy import stats

from core.errors import InvalidInput
from pipelines.experiments.assignment import Split
from pipelines.experiments.contrast import Design, difference
from pipelines.experiments.design import Bandit, Metric, Namespace, Plan, namespace_faults
from pipelines.experiments.features import Published, payload
from pipelines.experiments.moments import Moments
from pipelines.experiments.observations import Exposed, Observations, Outcome
from pipelines.experiments.power import smallest_effect, units_needed
from pipelines.experiments.reading import Against, read
from pipelines.experiments.sample_ratio import check
from pipelines.experiments.simulation import Setting, rejections
from pipelines.experiments.thompson import decide

BUY = Metric(key="m", role="primary", event="buy")
MEAN = Metric(key="m", role="primary", type="mean", event="buy")
REVENUE = Metric(key="m", role="primary", type="revenue", event="buy")
RATIO = Metric(key="m", role="primary", type="ratio", event="buy", denominator="visit")
CUPED = MEAN.model_copy(update={"cuped_days": 7})
Values = Sequence[Any] | np.ndarray
Units = tuple[Values, ...]  # y, x, z of each unit


def seen(*variants: Sequence[Units]) -> Observations:
    """A variant: its units, version by version; those of the n-th are exposed, and do what they do, on day n."""
    exposed, outcomes = [], []
    for variant, versions in enumerate(variants):
        for day, units in enumerate(versions):
            m = Moments.of(*units)
            exposed.append(Exposed(variant, day + 1, day, m.n, m.z, m.zz))
            outcomes.append(Outcome(variant, day + 1, day, day, m.y, m.yy, m.x, m.xx, m.xy, m.yz, own=m.yy))
    return Observations(len(variants), 10, tuple(exposed), tuple(outcomes))


def reading(metric: Metric, observed: Observations, weights: tuple[float, ...] = (0.5, 0.5), **plan: Any) -> Against:
    """The second variant's, once it is certain that every number of it can be said in JSON."""
    design = Design(("control", "new"), weights, Plan(**plan), metrics=(metric,))
    found = read(design, {metric.key: observed})[0]
    assert all(math.isfinite(number) for number in numbers(asdict(found)))
    return found.against[0]


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers(part)
    elif isinstance(value, float):
        yield value


ONES, NONE, SOME = np.ones(100), np.zeros(100), np.arange(100) % 10 == 0
VISITS = 1.0 + np.arange(100) % 7
BEFORE = np.random.default_rng(1).normal(size=100)


@pytest.mark.parametrize(
    ("metric", "control", "new", "said"),
    [
        (RATIO, [(VISITS, VISITS)], [(VISITS[:80], VISITS[:80])], "1 in the control and 1 in the variant"),
        (RATIO, [(2 * VISITS, VISITS)], [(3 * VISITS, VISITS)], "2 in the control and 3 in the variant"),
        (CUPED, [(5 + BEFORE, NONE, BEFORE)], [(6 + BEFORE, NONE, BEFORE)], "nothing left that differs"),
        (CUPED, [(5 - BEFORE, NONE, BEFORE)], [(6 - BEFORE, NONE, BEFORE)], "nothing left that differs"),
        (BUY, [(NONE,), (ONES,)], [(NONE,), (ONES,)], "0.5 in the control and 0.5 in the variant"),
        (BUY, [(NONE,)], [(ONES,)], "0 in the control and 1 in the variant"),
        (REVENUE, [(np.full(1000, 1e6 / 3),)], [(np.full(1001, 1e6 / 3),)], "the same for every unit"),
    ],
)
def test_what_does_not_vary_is_told(metric: Metric, control: list[Units], new: list[Units], said: str) -> None:
    """A ratio that is one number, a mean that CUPED explains wholly, versions of one value each, sums that differ by rounding only."""
    problem = reading(metric, seen(control, new)).problem
    assert said in problem
    assert "without variance nothing can be tested" in problem


def test_a_thin_version_lends_its_units_to_no_other() -> None:
    """Everybody buys after the split has changed: a version with five units of a variant makes no difference of that."""
    rare = np.arange(200) < 20
    found = reading(BUY, seen([(rare,), (ONES - SOME,)], [(rare[:5],), (ONES - SOME,)]))
    assert found.compared is not None
    assert (found.compared.difference, found.compared.units) == (0, (100, 100))


def test_versions_without_both_variants_say_so() -> None:
    """A split that was changed before anybody could be compared under it."""
    found = reading(BUY, seen([(SOME,), (SOME[:5],)], [(SOME[:5],), (SOME,)]))
    assert "no version of it has 10 units of both" in found.problem


def test_units_that_strata_cannot_use_tell_nothing() -> None:
    """A thousand more units of one variant alone leave the difference, and the information in it, as they were."""
    one, both = [(SOME,)], [(SOME,), (np.arange(1000) % 3 == 0,)]
    alone, more = reading(BUY, seen(one, one)), reading(BUY, seen([*one, ([],)], both))
    assert [alone.series[-1].t, alone.series[-1].z] == pytest.approx([more.series[-1].t, more.series[-1].z])


def test_a_variant_that_gets_nobody_any_more_is_still_read() -> None:
    """After a change to shares of 0 and 1 the always-valid reading finds what the data hold."""
    found = reading(BUY, seen([(np.arange(1000) % 10 == 0,)], [(np.arange(1000) % 5 == 0,)]), (0.0, 1.0))
    assert (found.anytime.significant, found.series[0].t > 0) == (True, True)


def test_an_arm_without_a_sale_is_no_riddle() -> None:
    """Five thousand units and no sale say a lot beside a hundred sales: the bandit follows, and the beliefs are told."""
    arms = [Moments(n=5000), Moments.of(10.0 * (np.arange(5000) % 50 == 0))]
    assert decide("ab", REVENUE, arms, [0.5, 0.5], Bandit(stop_loss=None)).shares == pytest.approx([0.05, 0.95])
    alike = decide("ab", REVENUE, [Moments(n=500), Moments(n=500)], [0.5, 0.5], Bandit(stop_loss=None))
    assert alike.shares == pytest.approx([0.5, 0.5])
    design = Design(("control", "new"), (0.5, 0.5), Plan(), adaptive=True, metrics=(REVENUE,))
    found = read(design, {"m": seen([(np.zeros(500),)], [(10.0 * (np.arange(500) % 9 == 0),)])})[0]
    assert [arm.belief is not None and round(arm.belief.best) for arm in found.arms] == [0, 1]


def test_a_sample_ratio_is_pearson_s_whatever_the_shares() -> None:
    """Also for many variants, and for ones a thousand times rarer than others."""
    random = np.random.default_rng(1)
    for _ in range(300):
        shares = random.dirichlet(np.full(random.integers(2, 20), 0.5)) + 1e-4
        shares /= shares.sum()
        counts = random.multinomial(random.integers(10, 10**6), shares)
        theirs = stats.chisquare(counts, shares * counts.sum())
        assert check([counts.tolist()], [shares.tolist()]).p_value == pytest.approx(theirs.pvalue, abs=1e-9)


def test_years_and_many_splits_fit_into_memory() -> None:
    """Two years with forty versions of the split take megabytes."""
    exposed = tuple(Exposed(variant, day // 18 + 1, day, 100.0) for day in range(720) for variant in range(2))
    outcomes = tuple(Outcome(one.variant, one.version, one.day, one.day, 9.0, 9.0, own=9.0) for one in exposed)
    tracemalloc.start()
    observed = Observations(2, 720, exposed, outcomes)
    found = observed.moments(), observed.cohorts(0), observed.ages(1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [arm.n for arm in found[0]] == [72_000, 72_000]
    assert peak < 50 * 1024 * 1024


def test_sdks_get_two_variations_at_least() -> None:
    """They take a rule with one variation for a mistake; a variant that gets nobody stands in with an empty range."""
    for pieces, ranges in ((((0.0, 1.0, 1),), [[0, 1], [0, 0]]), ((), [[0, 0], [0, 0]])):
        split = Split("s", ("a", "b"), pieces)
        rule = payload([Published("e", "f", "E", (1, 2), ("A", "B"), ("a", "b"), split)])["f"]["rules"][0]
        assert rule["ranges"] == ranges
        assert sorted(meta["key"] for meta in rule["meta"]) == ["a", "b"]


def test_effects_that_nothing_finds_are_refused() -> None:
    """More than all of a rate, or so little that a trillion units would not show it."""
    with pytest.raises(InvalidInput, match="too few"):
        smallest_effect(kind="binomial", baseline=0.5, units=20)
    assert 0 < smallest_effect(kind="binomial", baseline=0.95, units=100).effect < 1
    with pytest.raises(InvalidInput, match="trillion"):
        units_needed(kind="binomial", baseline=0.1, effect=1e-9)


def test_the_simulator_looks_no_earlier_than_results_do() -> None:
    """With a look at every unit or two, the first ones are not read, and the always-valid form keeps its error rate."""
    setting = Setting(world="cuped", units=400, looks=90, runs=1000)
    assert rejections(setting)["anytime"] < 0.05
    assert rejections(Setting(world="cuped", units=400, looks=90, runs=1000, min_units=2))["anytime"] > 0.05


def test_a_namespace_has_a_thousand_parts() -> None:
    """A share that holds nobody is refused."""
    assert namespace_faults(Namespace(id="n", share=0.0005))[0]["pointer"] == "/namespace/share"
    assert namespace_faults(Namespace(id="n", share=0.001)) == []


def test_a_lift_of_one_version_is_that_version_s() -> None:
    """`difference` compares what can be compared, and multiplies it over all units of the variant."""
    rare = np.arange(200) < 20
    design = Design(("control", "new"), (0.5, 0.5), Plan(), metrics=(BUY,))
    compared, arm = difference(design, BUY, seen([(rare,), (SOME,)], [(rare[:5],), (SOME,)]), "new")
    assert (compared.difference, arm.n) == (0, 105)
