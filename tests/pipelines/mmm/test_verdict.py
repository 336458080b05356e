"""Scores against values worked out by hand, and the verdict's words."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.mmm.figures import fit_charts, plan_charts
from pipelines.mmm.fit import Fit
from pipelines.mmm.holdout import seen_periods
from pipelines.mmm.pictures import fit_pictures
from pipelines.mmm.report import report_of
from pipelines.mmm.report_html import write_html
from pipelines.mmm.report_pdf import write_pdf
from pipelines.mmm.scores import crps, mape, naive_forecast
from pipelines.mmm.specification import Holdout
from pipelines.mmm.verdict import verdict


def test_crps_by_hand() -> None:
    """Draws 0 and 2 for a value of 1: mean error 1, less half the draws' mean distance of 1. A certain forecast has its error."""
    assert crps(np.array([[0.0], [2.0]]), np.array([1.0])) == pytest.approx(0.5)
    assert crps(np.array([[3.0]]), np.array([1.0])) == pytest.approx(2.0)


def test_crps_of_a_normal_forecast() -> None:
    """Of N(0, 1) at 0 it is (√2 - 1) / √π."""
    draws = np.random.default_rng(1).standard_normal((20_000, 1))
    assert crps(draws, np.zeros(1)) == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), abs=0.01)


def test_mape_by_hand() -> None:
    """A tenth too much and a tenth too little; a value of 0 has no share."""
    assert mape(np.array([110.0, 90.0]), np.array([100.0, 100.0])) == pytest.approx(0.1)
    assert mape(np.array([1.0]), np.array([0.0])) is None


def test_the_naive_forecast() -> None:
    """The week a year before where there is one; in a short history the last week that was seen."""
    long = np.arange(120.0)
    seen = seen_periods(120, Holdout(periods=5))
    predicted, errors, words = naive_forecast(long, seen, 7)
    assert (words, predicted[-1], set(errors)) == ("the value a year before", 119 - 52, {52.0})
    short_seen = seen_periods(45, Holdout(periods=5))
    predicted, _, words = naive_forecast(long[:45], short_seen, 7)
    assert (words, predicted[-5:].tolist()) == ("the last value known", [39.0] * 5)


def test_held_out_periods() -> None:
    """A tenth at the end, or as many anywhere, the same ones each time; or none."""
    assert seen_periods(100, Holdout())[-11:].tolist() == [1] + [0] * 10
    one, other = (seen_periods(100, Holdout(kind="random", periods=7)) for _ in range(2))
    assert one.sum() == 93
    assert one.tolist() == other.tolist()
    assert seen_periods(100, Holdout(kind="none")).all()


def graded(fit: Fit, path: str, value: Any) -> dict[str, Any]:
    """The verdict on the fit with one figure changed."""
    results = copy.deepcopy(fit.results)
    results["convergence"].update(ess_bulk=1000.0, ess_tail=1000.0, r_hat=1.003)
    where, _, name = path.partition("/")
    if where == "channels":
        for entry in results["channels"]:
            entry.update({"prior_overlap": 0.2, "roas": {"low": 1.0, "high": 1.5, "mean": 1.2, "median": 1.2}, name: value})
    elif name:
        results[where][name] = value
    else:
        results[where] = value
    return verdict(results)


@pytest.mark.parametrize(
    ("path", "value", "grade", "word"),
    [
        ("convergence/r_hat", 1.2, "do not use", "R-hat 1.20"),
        ("convergence/r_hat", float("nan"), "do not use", "R-hat"),
        ("convergence/r_hat", 1.02, "weak", "R-hat 1.020"),
        ("convergence/ess_tail", 50.0, "do not use", "50 effective draws"),
        ("convergence/divergences", 100, "do not use", "diverged"),
        ("quality/r_squared", 0.1, "do not use", "10% of the ups and downs"),
        ("quality/autocorrelation", 0.8, "weak", "autocorrelation 0.80"),
        ("quality/negative_baseline", 0.5, "weak", "more is credited to media"),
        ("holdout", None, "weak", "nothing was held out"),
        ("holdout/crps", 1e9, "do not use", "times as far off as the value a year before"),
        ("channels/prior_overlap", 0.95, "weak", "the data say little about search, social, video"),
        ("channels/roas", {"low": 0.1, "high": 5.0, "mean": 1.0, "median": 0.8}, "weak", "within a factor of 9"),
    ],
)
def test_what_is_wrong_is_said(fit: Fit, path: str, value: Any, grade: str, word: str) -> None:
    """Each finding has its grade, and its reason in the summary."""
    found = graded(fit, path, value)
    assert found["grade"] == grade
    assert word.lower() in found["summary"].lower()


def test_nothing_wrong_is_trustworthy(fit: Fit) -> None:
    """With good figures throughout."""
    assert graded(fit, "channels/prior_overlap", 0.2)["grade"] == "trustworthy"


def test_charts_carry_their_numbers(fit: Fit) -> None:
    """Every chart has as many columns as cells, and contributions sum in the table too."""
    charts = fit_charts(fit.results)
    assert [chart.id for chart in charts] == ["mmm-fit", "mmm-contributions", "mmm-roas", "mmm-curves"]
    assert all(len(row) == len(chart.columns) for chart in charts for row in chart.rows)
    week = charts[1].rows[0]
    assert sum(week[1:-1]) == pytest.approx(week[-1]) == pytest.approx(fit.results["prediction"]["mean"][0])


def test_a_report_in_both_forms(fit: Fit, tmp_path: Path) -> None:
    """HTML that needs no other file and runs no script, and a PDF; names in them are text."""
    from pipelines.mmm.optimiser import Wish, optimised

    planner = fit.planner
    current = planner.recent * 4
    plan = optimised(planner, Wish(4, 0 * current, 2 * current, current, float(current.sum()), None))
    assert plan_charts(plan, "week")[0].rows[0][0] == planner.channels[0]
    report = report_of("<b>Autumn</b>", fit.results, dict(fit_pictures(fit.results, tmp_path)), plan, simulated=True)
    write_html(report, tmp_path / "report.html")
    write_pdf(report, tmp_path / "report.pdf")
    page = (tmp_path / "report.html").read_text()
    assert "&lt;b&gt;Autumn" in page
    assert "<script" not in page
    assert "http" not in page
    assert fit.results["verdict"]["grade"] in page
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_names_with_dollar_signs_are_drawn(fit: Fit, tmp_path: Path) -> None:
    """A channel's name is no formula, whatever it holds."""
    odd = {"channel": "cash$back$ $_^x$", "name": "cash$back$ $_^x$"}
    channels = [{**entry, "name": odd["name"]} for entry in fit.results["channels"]]
    curves = [{**curve, "channel": odd["channel"]} for curve in fit.results["curves"]]
    assert all(path.stat().st_size for _, path in fit_pictures({**fit.results, "channels": channels, "curves": curves}, tmp_path))
