"""What a fit finds in markets whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.mmm.coverage import marked_worlds
from pipelines.mmm.fit import Fit, fitted
from pipelines.mmm.specification import Holdout, LiftTest, Model, Sampling
from pipelines.mmm.worlds import World


def test_the_truth_lies_in_the_intervals(compiled: Path) -> None:
    """Of 16 true ROAS in four worlds, 90 % intervals hold 11 to 16: fewer has a probability of one in three hundred if they are right."""
    covered = np.concatenate([marked.covered for marked in marked_worlds(300, 4, cache=compiled)])
    assert covered.sum() >= 11


def test_the_intervals_are_narrower_than_the_beliefs(fit: Fit) -> None:
    """The data decide: for the largest channel the posterior of ROAS is less than half as wide as its prior."""
    largest = max(fit.results["channels"], key=lambda entry: entry["spend"])
    roas, prior = largest["roas"], largest["prior_roas"]
    assert np.log(roas["high"] / roas["low"]) < 0.5 * np.log(prior["high"] / prior["low"])


def test_the_parts_sum_to_the_prediction(fit: Fit) -> None:
    """Baseline, trend, seasons and channels of each week sum to the week's prediction."""
    parts = np.sum([part["mean"] for part in fit.results["parts"]], axis=0)
    assert parts == pytest.approx(np.array(fit.results["prediction"]["mean"]), rel=1e-9)


def test_contributions_are_roas_times_spend(fit: Fit, truth: World) -> None:
    """A channel's weeks sum to its contribution, which is its ROAS times its spend."""
    for n, entry in enumerate(fit.results["channels"]):
        weeks = next(part for part in fit.results["parts"] if part["name"] == entry["name"] and part["kind"] == "channel")
        assert sum(weeks["mean"]) == pytest.approx(entry["contribution"]["mean"])
        assert entry["contribution"]["mean"] == pytest.approx(entry["roas"]["mean"] * truth.market.spend[:, :, n].sum())


def test_a_logistic_curve_has_no_foot(truth: World, compiled: Path) -> None:
    """Each curve begins at nothing, rises ever more slowly, and so the next unit brings less than the average."""
    few, model = Sampling(chains=2, draws=100, tune=200), Model(yearly=2, saturation="logistic")
    found = fitted(truth.market, model, Holdout(kind="none"), few, lambda *_: None, cache=compiled).results
    assert all(entry["marginal_roas"]["mean"] < entry["roas"]["mean"] for entry in found["channels"])
    for curve in found["curves"]:
        steps = np.diff(curve["mean"])
        assert curve["mean"][0] == 0
        assert (steps > 0).all()
        assert (np.diff(steps) < 0).all()


def test_a_hill_rises_and_flattens(fit: Fit) -> None:
    """Each response curve begins at nothing and never falls, and its last step is smaller than its steepest."""
    for curve in fit.results["curves"]:
        steps = np.diff(curve["mean"])
        assert curve["mean"][0] == 0
        assert (steps > 0).all()
        assert steps[-1] < 0.8 * steps.max()


def test_the_forecast_beats_the_naive_one(fit: Fit) -> None:
    """On the held-out weeks CRPS and MAPE are below those of the value a year before."""
    held = fit.results["holdout"]
    assert held["periods"] == 10
    assert held["crps"] < held["naive_crps"]
    assert held["mape"] < held["naive_mape"]


def test_a_lift_test_moves_the_model_towards_it(truth: World, fit: Fit, compiled: Path) -> None:
    """A precise test that found twice what the model thought pulls the channel's ROAS up, and narrows it."""
    free = fit.results["channels"][1]
    dates, spend = truth.market.dates, truth.market.spend[0, 40:60, 1]
    delta = float(0.5 * spend.sum())
    lift = 2.0 * free["roas"]["mean"] * delta
    test = LiftTest(channel=free["name"], start=dates[40], end=dates[59], spend_delta=delta, lift=lift, standard_error=0.05 * lift)
    few = Sampling(chains=2, draws=200, tune=250)
    tested = fitted(truth.market, Model(yearly=2, lift_tests=[test]), Holdout(kind="none"), few, lambda *_: None, cache=compiled)
    roas = tested.results["channels"][1]["roas"]
    assert roas["mean"] > 1.3 * free["roas"]["mean"]
    assert roas["high"] / roas["low"] < free["roas"]["high"] / free["roas"]["low"]
