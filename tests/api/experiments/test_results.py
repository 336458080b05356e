"""Results over HTTP: numbers against hand-made data, and what stops a reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scipy import stats

from tests.api.conftest import Api

Make = Callable[..., str]
Seen = Callable[..., None]
Aged = Callable[[str, int], None]


@pytest.fixture
def bought(make_experiment: Make, seen: Seen, aged: Aged) -> str:
    """100 of 1,000 bought in the control, 150 of 1,000 in the other variant, over a week."""
    experiment = make_experiment(start=True, plan={"planned_units": 2000, "looks": 7})
    aged(experiment, 8)
    seen(experiment, "control", 1000, 100)
    seen(experiment, "large", 1000, 150)
    return experiment


def test_a_rate_is_compared_as_by_hand(admin: Api, bought: str) -> None:
    """Counts, difference, z-test and adjusted p-values are those of the two-by-two table."""
    found = admin.get(f"/v1/experiments/{bought}/results").json
    purchase = found["metrics"][0]
    assert [(arm["units"], arm["total"], arm["value"]) for arm in purchase["arms"]] == [(1000, 100, 0.1), (1000, 150, 0.15)]
    fixed = purchase["against"][0]["fixed"]
    chi = stats.chi2_contingency([[100, 900], [150, 850]], correction=False)
    assert fixed["statistic"] ** 2 == pytest.approx(chi.statistic)
    assert fixed["p_value"] == pytest.approx(chi.pvalue)
    revenue = found["metrics"][1]["against"][0]
    pair = sorted([fixed["p_value"], revenue["fixed"]["p_value"]])
    assert purchase["against"][0]["adjusted_p"] == pytest.approx(
        min(2 * pair[0], 1) if fixed["p_value"] == pair[0] else max(2 * pair[0], pair[1])
    )


def test_every_reading_stands_side_by_side(admin: Api, bought: str) -> None:
    """Planned looks, always-valid and beliefs agree on a clear difference, day by day; the verdict says it in a sentence."""
    found = admin.get(f"/v1/experiments/{bought}/results").json
    against = found["metrics"][0]["against"][0]
    assert (against["planned"]["significant"], against["anytime"]["significant"]) == (True, True)
    assert [look["day"] for look in against["series"]] == list(range(7))
    assert against["series"][-1]["t"] == pytest.approx(1.0)
    assert found["metrics"][0]["arms"][1]["belief"]["best"] > 0.99
    assert (found["verdict"], found["variant"]) == ("winner", "large")
    assert "by 50.0%" in found["sentence"]
    assert found["sample_ratio"]["mismatch"] is False


def test_revenue_is_summed_by_person(admin: Api, bought: str) -> None:
    """Welch's test over all units, those who bought nothing included."""
    found = admin.get(f"/v1/experiments/{bought}/results?metric=revenue").json["metrics"]
    assert [one["key"] for one in found] == ["revenue"]
    fixed = found[0]["against"][0]["fixed"]
    assert found[0]["arms"][0]["total"] == pytest.approx(100 * 12, rel=0.05)
    assert (fixed["test"], fixed["df"] > 1500, fixed["difference"] > 0.3) == ("welch", True, True)


def test_a_sample_ratio_mismatch_stops_the_reading(admin: Api, make_experiment: Make, seen: Seen) -> None:
    """Far fewer units in one variant: no difference is told unless one insists."""
    experiment = make_experiment(start=True)
    seen(experiment, "control", 1000, 10)
    seen(experiment, "large", 800, 10)
    refused = admin.get(f"/v1/experiments/{experiment}/results")
    assert (refused.status_code, refused.json["code"]) == (409, "sample_ratio_mismatch")
    assert "1,000 : 800 units where 900 : 900" in refused.json["detail"]
    insisted = admin.get(f"/v1/experiments/{experiment}/results?despite_mismatch=true")
    assert (insisted.status_code, insisted.json["sample_ratio"]["mismatch"]) == (200, True)


@pytest.mark.parametrize(
    ("units", "buyers", "more", "said"),
    [
        (10, 5, {}, "10 units; 50 are needed"),
        (100, 0, {}, "'purchase' has no conversions"),
        (100, 100, {}, "without variance nothing can be tested"),
    ],
)
def test_what_cannot_be_tested_says_why(
    admin: Api, make_experiment: Make, seen: Seen, units: int, buyers: int, more: dict[str, Any], said: str
) -> None:
    """Too few units, no conversions, no variance: each with its sentence, in the results and from the lift."""
    experiment = make_experiment(start=True)
    for variant in ("control", "large"):
        seen(experiment, variant, units, buyers, **more)
    found = admin.get(f"/v1/experiments/{experiment}/results").json
    assert said in found["metrics"][0]["against"][0]["problem"]
    assert found["verdict"] == "no data"
    lift = admin.get(f"/v1/experiments/{experiment}/lift")
    assert (lift.status_code, lift.json["code"]) == (422, "untestable")


def test_currencies_are_not_mixed(admin: Api, make_experiment: Make, seen: Seen) -> None:
    """Revenue in two currencies is not summed; the count beside it is read."""
    experiment = make_experiment(start=True)
    seen(experiment, "control", 200, 20)
    seen(experiment, "large", 200, 30, currency="EUR")
    found = admin.get(f"/v1/experiments/{experiment}/results").json["metrics"]
    assert "EUR, USD" in found[1]["against"][0]["problem"]
    assert found[0]["against"][0]["fixed"] is not None


def test_unknown_metrics_and_variants_are_named(admin: Api, bought: str) -> None:
    """The answer lists the known ones."""
    unknown = admin.get(f"/v1/experiments/{bought}/results?metric=joy")
    assert (unknown.status_code, "it has purchase, revenue" in unknown.json["detail"]) == (422, True)
    assert admin.get(f"/v1/experiments/{bought}/lift?variant=control").json["errors"][0]["pointer"] == "/query/variant"


def test_a_draft_has_no_results(admin: Api, make_experiment: Make) -> None:
    """There is nothing to read before the start."""
    assert admin.get(f"/v1/experiments/{make_experiment()}/results").status_code == 409


def test_the_lift_is_the_difference_over_all_units(admin: Api, bought: str) -> None:
    """50 buyers more in 1,000 units, with the standard error of the two proportions."""
    lift = admin.get(f"/v1/experiments/{bought}/lift").json
    se = (0.1 * 0.9 / 999 + 0.15 * 0.85 / 999) ** 0.5
    assert (lift["metric"], lift["variant"], lift["units"]) == ("purchase", "large", 1000)
    assert lift["total"] == pytest.approx(50)
    assert lift["total_se"] == pytest.approx(1000 * se, rel=1e-3)
    assert lift["relative"] == pytest.approx(0.5)
    assert (lift["lift_test"]["lift"], lift["lift_test"]["standard_error"]) == (lift["total"], lift["total_se"])
    assert lift["lift_test"]["start"] < lift["lift_test"]["end"]


def test_a_person_with_two_keys_counts_once(admin: Api, make_experiment: Make, seen: Seen, merge: Callable[[str, str], None]) -> None:
    """Two units that turn out to be one person are one unit, in the variant that was seen first."""
    experiment = make_experiment(start=True)
    seen(experiment, "control", 100, 10)
    seen(experiment, "large", 100, 10)
    merge("control-7", "large-1")
    arms = admin.get(f"/v1/experiments/{experiment}/results").json["metrics"][0]["arms"]
    assert [arm["units"] for arm in arms] == [100, 99]


def test_a_change_of_weights_does_not_mix_times(admin: Api, make_experiment: Make, seen: Seen, aged: Aged) -> None:
    """Everybody buys more in the second week, when the split has changed: variants that are equal stay equal."""
    experiment = make_experiment(start=True, variants=[{"key": "control", "weight": 0.8}, {"key": "large", "weight": 0.2}])
    admin.patch(f"/v1/experiments/{experiment}", {"weights": [0.2, 0.8]})
    aged(experiment, 8)
    for version, split, rate in ((1, (800, 200), 0.1), (2, (200, 800), 0.3)):
        for variant, units in zip(("control", "large"), split, strict=True):
            seen(experiment, variant, units, int(units * rate), version=version, unit=f"{variant}{version}")
    purchase = admin.get(f"/v1/experiments/{experiment}/results").json["metrics"][0]
    assert [round(arm["value"], 3) for arm in purchase["arms"]] == [0.14, 0.26]
    assert purchase["against"][0]["fixed"]["difference"] == pytest.approx(0.0, abs=1e-9)
    assert "split was changed" in purchase["notes"][0]


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ({"type": "mean", "of": "value"}, "'purchase' has values in EUR, USD"),
        ({"type": "ratio", "denominator": "purchase", "of": "value"}, "'purchase' has values in EUR, USD"),
        ({"type": "ratio", "denominator": "purchase", "denominator_of": "value"}, "'purchase' has values in EUR, USD"),
        ({"type": "ratio", "denominator": "visit", "of": "value", "denominator_of": "value"}, "'purchase' or 'visit' has values in"),
    ],
)
def test_no_sum_of_values_mixes_currencies(admin: Api, make_experiment: Make, seen: Seen, metric: dict[str, str], said: str) -> None:
    """Means and ratios of values are as strict as revenue."""
    experiment = make_experiment(start=True, metrics=[{"key": "m", "role": "primary", "event": "purchase", **metric}])
    seen(experiment, "control", 100, 20)
    seen(experiment, "large", 100, 30, currency="EUR")
    found = admin.get(f"/v1/experiments/{experiment}/results").json
    assert said in found["metrics"][0]["against"][0]["problem"]


def test_counts_and_plain_numbers_have_no_currency(admin: Api, make_experiment: Make, seen: Seen) -> None:
    """Events in two currencies may be counted; values without a currency, such as minutes, may be summed."""
    metrics = [{"key": "count", "role": "primary", "type": "mean", "event": "purchase"}]
    experiment = make_experiment(start=True, metrics=[*metrics, {"key": "minutes", "type": "mean", "of": "value", "event": "watch"}])
    for variant, currency in (("control", "USD"), ("large", "EUR")):
        seen(experiment, variant, 100, 20, currency=currency)
        seen(experiment, variant, 100, 30, currency=None, event="watch", unit=f"{variant}-watching")
    found = admin.get(f"/v1/experiments/{experiment}/results").json["metrics"]
    assert [one["against"][0]["problem"] for one in found] == ["", ""]


def test_what_cannot_be_read_is_no_error_of_ours(admin: Api, make_experiment: Make, seen: Seen) -> None:
    """A ratio of an event over itself, and versions in which nobody or everybody bought: a sentence, in results and lift."""
    ratio = {"key": "m", "role": "primary", "type": "ratio", "event": "purchase", "denominator": "purchase"}
    itself, versions = make_experiment(start=True, metrics=[ratio]), make_experiment(start=True)
    admin.patch(f"/v1/experiments/{versions}", {"weights": [0.4, 0.6]})
    for variant, units in (("control", 100), ("large", 110)):
        seen(itself, variant, units, 20, unit=f"{variant}-itself")
        seen(versions, variant, 100, 0, unit=f"{variant}-1")
        seen(versions, variant, 100, 100, unit=f"{variant}-2", version=2)
    for experiment in (itself, versions):
        found = admin.get(
            f"/v1/experiments/{experiment}/results?metric={'m' if experiment == itself else 'purchase'}&despite_mismatch=true"
        )
        assert (found.status_code, found.json["verdict"]) == (200, "no data")
        assert "without variance nothing can be tested" in found.json["sentence"]
        assert admin.get(f"/v1/experiments/{itself}/lift").json["code"] == "untestable"


def test_a_share_of_zero_leaves_the_readings_whole(admin: Api, bought: str) -> None:
    """Once all units go to one variant, what was seen before still decides, with an interval that ends somewhere."""
    admin.patch(f"/v1/experiments/{bought}", {"weights": [0, 1]})
    found = admin.get(f"/v1/experiments/{bought}/results").json
    assert (found["verdict"], found["variant"]) == ("winner", "large")
    anytime = found["metrics"][0]["against"][0]["anytime"]
    assert anytime["low"] is not None and anytime["low"] < 0.05 < anytime["high"]
