"""`mmm.fit`, `mmm.optimise` and `mmm.report` on real workers."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.errors import InvalidInput
from models import Asset, Experiment, MmmFit, MmmPlan, Organization
from models.session import org_session
from pipelines.mmm.worlds import world
from tasks import experiment_changes
from tasks.experiment_reading import lift_of
from tests.api import mix
from tests.tasks.conftest import Marketing
from tests.tasks.mix import TRUTH, csv_of, daily_rows, long_csv, request
from tests.tasks.test_experiment_update import bandit, seen
from worker import control
from worker.kinds import get_kind

PATIENCE = 240.0  # seconds: the first fit of a machine compiles


def row_of(marketing: Marketing, fit_id: str) -> MmmFit:
    with org_session(marketing.org_id) as session:
        return session.get_one(MmmFit, uuid.UUID(fit_id))


def test_a_fit_from_csv_its_plan_and_its_report(marketing: Marketing) -> None:
    """CSV in; verdict, ROAS, files out; the same request finds the stored fit; a plan and a report are made from it."""
    job = marketing.finished(marketing.submit("mmm.fit", request()), PATIENCE)
    assert job["state"] == "succeeded", job["error"]
    result = job["result"]
    fit = row_of(marketing, result["fit_id"])
    assert (fit.state, result["stored"], fit.grade) == ("complete", False, result["verdict"]["grade"])
    assert set(result["roas"]) == set(TRUTH.market.channels)
    with org_session(marketing.org_id) as session:
        types = {what: session.get_one(Asset, uuid.UUID(asset)).kind for what, asset in fit.files.items()}
    assert types == {"trace": "document", "fit": "image", "contributions": "image", "roas": "image", "curves": "image"}

    again = marketing.finished(marketing.submit("mmm.fit", request(name="Under another name")))["result"]
    assert (again["fit_id"], again["stored"]) == (result["fit_id"], True)

    total = 13 * float(TRUTH.market.spend[0, -13:].mean(axis=0).sum())
    wish = {"fit_id": result["fit_id"], "total": total, "bounds": {"search": {"low": 100.0}}}
    plan = marketing.finished(marketing.submit("mmm.optimise", wish))["result"]
    assert sum(entry["after"] for entry in plan["channels"]) == pytest.approx(total)
    with org_session(marketing.org_id) as session:
        assert session.get_one(MmmPlan, uuid.UUID(plan["plan_id"])).result["gain"]["mean"] >= 0

    report = marketing.finished(marketing.submit("mmm.report", {"fit_id": result["fit_id"], "plan_id": plan["plan_id"]}), PATIENCE)
    assert [asset["media_type"] for asset in report["result"]["assets"]] == ["text/html", "application/pdf"]


def test_a_cancelled_fit_keeps_its_draws_and_is_gone_on_with(marketing: Marketing) -> None:
    """Cancelled while it draws, the job has ended within two seconds; its draws are kept; the same request starts from them."""
    wanted = request(sampling={"chains": 2, "draws": 5000, "tune": 500}, holdout={"kind": "none"})
    job_id = marketing.submit("mmm.fit", wanted)
    view = marketing.until(job_id, lambda job: job["steps"][1]["progress"] > 0.15, PATIENCE)
    assert "draw" in view["steps"][1]["message"]
    asked = time.monotonic()
    with org_session(marketing.org_id) as session:
        control.cancel(session, job_id)
    assert marketing.finished(job_id)["state"] == "cancelled"
    assert time.monotonic() - asked < 15  # two seconds where nothing else runs
    fit_id = view["steps"][0]["output"]["fit_id"]
    partial = row_of(marketing, fit_id)
    assert (partial.state, partial.results, partial.trace_key is not None) == ("partial", None, True)
    second = marketing.submit("mmm.fit", wanted)
    marketing.until(second, lambda job: job["steps"][1]["state"] == "done", PATIENCE)
    complete = row_of(marketing, fit_id)
    assert complete.state == "complete"
    assert complete.results is not None
    assert complete.results["sampler"]["warm"] is True


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"csv": "date,revenue,search\n2026-01-05,100,-5\n2026-01-12,x,5"}, "/params/csv/0/search"),
        ({"rows": [{"date": "2026-01-05", "revenue": 100, "search": 5}]}, "/params/rows"),
        ({"asset_id": str(uuid.uuid4())}, "/params/asset_id"),
        ({"own": {"start": "2026-01-01", "end": "2026-06-01"}}, "/params/own"),
        (
            request(experiments=[{"experiment_id": str(uuid.uuid4()), "channel": "search", "spend_delta": 50.0}]),
            "/params/experiments/0/experiment_id",
        ),
    ],
)
def test_a_history_that_cannot_be_used_fails_with_its_place(marketing: Marketing, params: dict[str, Any], pointer: str) -> None:
    """The job ends at once, with the place of each fault."""
    job = marketing.finished(marketing.submit("mmm.fit", params))
    assert (job["state"], job["error"]["code"]) == ("failed", "invalid_input")
    assert pointer in [fault["pointer"] for fault in job["error"]["errors"]]


QUICK: dict[str, Any] = {"sampling": {"chains": 2, "draws": 80, "tune": 120}, "holdout": {"kind": "none"}}


def results_of(marketing: Marketing, params: dict[str, Any]) -> dict[str, Any]:
    job = marketing.finished(marketing.submit("mmm.fit", params), PATIENCE)
    assert job["state"] == "succeeded", job["error"]
    fit = row_of(marketing, job["result"]["fit_id"])
    assert fit.results is not None
    return fit.results


def test_a_long_history_of_several_geos(marketing: Marketing) -> None:
    """A row a week, geo and channel: every geo has its ROAS, and the parts of all geos sum to the prediction."""
    worlds = {geo: world(seed, channels=2, weeks=60).market for geo, seed in (("north", 4), ("south", 5))}
    found = results_of(marketing, {"csv": long_csv(worlds), "columns": {"geo": "geo"}, "model": {"yearly": 1}, **QUICK})
    assert {one["geo"]: [entry["name"] for entry in one["channels"]] for one in found["geos"]} == {
        geo: list(market.channels) for geo, market in worlds.items()
    }
    assert all(entry["roas"]["low"] > 0 for one in found["geos"] for entry in one["channels"])
    assert (found["period"], len(found["dates"])) == ("week", 60)
    whole = np.sum([part["mean"] for part in found["parts"]], axis=0)
    assert whole.tolist() == pytest.approx(found["prediction"]["mean"])
    assert found["actual"] == pytest.approx(sum(market.outcome[0] for market in worlds.values()).tolist())


def test_a_daily_history_has_a_season_of_the_week(marketing: Marketing) -> None:
    """A row a day: the week is found, higher at its end, and no geo is made up."""
    last = date(2026, 6, 28)  # a Sunday
    found = results_of(marketing, {"rows": daily_rows(140, last), "model": {"trend": "none"}, **QUICK})
    assert (found["period"], found["geos"], found["dates"][-1]) == ("day", [], last.isoformat())
    [season] = [part["mean"] for part in found["parts"] if part["name"] == "weekly season"]
    by_weekday = np.reshape(season, (-1, 7)).mean(axis=0)
    assert by_weekday[5:].min() > by_weekday[:5].max()


def test_an_experiment_becomes_a_lift_test_of_the_fit(marketing: Marketing) -> None:
    """What a stopped experiment found is what the model has to agree with: the same lift and error, in days of the organisation's zone."""
    experiment = stopped(marketing.org_id, datetime(2026, 8, 9, 23, 30, tzinfo=UTC), datetime(2026, 8, 20, 12, tzinfo=UTC))
    first = date(2026, 8, 31) - timedelta(weeks=TRUTH.market.periods)
    market = replace(TRUTH.market, dates=tuple(first + timedelta(weeks=n) for n in range(TRUTH.market.periods)))
    named = {"experiment_id": str(experiment), "channel": "search", "spend_delta": -50.0}
    params = {**QUICK, "csv": csv_of(market), "model": {"yearly": 1}, "experiments": [named]}
    job = marketing.finished(marketing.submit("mmm.fit", params), PATIENCE)
    assert job["state"] == "succeeded", job["error"]
    fit = row_of(marketing, job["result"]["fit_id"])
    [test] = fit.request["model"]["lift_tests"]
    _, own = lift_of(marketing.org_id, experiment)
    assert (test["lift"], test["standard_error"]) == (own.total, own.total_se)
    assert test["lift"] == pytest.approx(30)  # of 1,000 who saw it 130 bought, of 1,000 who did not 100
    assert test["standard_error"] == pytest.approx(1000 * (0.1 * 0.9 / 1000 + 0.13 * 0.87 / 1000) ** 0.5, rel=0.01)
    assert (test["channel"], test["spend_delta"]) == ("search", -50)
    assert (test["start"], test["end"]) == ("2026-08-10", "2026-08-20")  # it was Monday in Berlin
    assert {entry["name"] for entry in (fit.results or {})["channels"] if entry["tested"]} == {"search"}


def stopped(org_id: uuid.UUID, start: datetime, end: datetime) -> uuid.UUID:
    """An experiment that ran in that time in Berlin: a hundred and thirty of a thousand bought, beside a hundred."""
    running = bandit(org_id, kind="ab", bandit={}, variants=[{"key": key, "name": key, "weight": None} for key in ("plain", "bold")])
    seen(org_id, running, plain=100, bold=130)
    with org_session(org_id) as session:
        session.get_one(Organization, org_id).zone = "Europe/Berlin"
        experiment_changes.stop(session, session.get_one(Experiment, running), None)
        experiment = session.get_one(Experiment, running)
        experiment.started_at, experiment.stopped_at = start, end
    return running


def test_a_fault_of_an_experiment_is_told_where_it_is_named(marketing: Marketing) -> None:
    """Not in a list of lift tests that the request has not got."""
    experiment = stopped(marketing.org_id, datetime(2023, 2, 6, tzinfo=UTC), datetime(2023, 2, 20, tzinfo=UTC))
    wanted = [{"experiment_id": str(experiment), "channel": channel, "spend_delta": 1.0} for channel in ("search", "radio")]
    job = marketing.finished(marketing.submit("mmm.fit", request(experiments=wanted)))
    assert [fault["pointer"] for fault in job["error"]["errors"]] == ["/params/experiments/1/channel"]


def test_a_history_s_money_is_the_organisation_s(marketing: Marketing) -> None:
    """Where neither a column nor the request names a currency."""
    with org_session(marketing.org_id) as session:
        session.get_one(Organization, marketing.org_id).currency = "CHF"
    assert results_of(marketing, request(**QUICK))["currency"] == "CHF"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"current": {"search": 0}}, "/params/current"),
        ({"bounds": {"search": {"low": 5, "high": 1}}}, "/params/bounds/search"),
    ],
)
def test_a_plan_that_cannot_be_made_says_why(marketing: Marketing, changes: dict[str, Any], pointer: str) -> None:
    """A split to compare with that is none, bounds that contradict each other."""
    fit_id = mix.fit(marketing.org_id)
    job = marketing.finished(marketing.submit("mmm.optimise", {"fit_id": fit_id, "total": 50, **changes}))
    assert [fault["pointer"] for fault in job["error"]["errors"]] == [pointer]


@pytest.mark.parametrize("wrong", [{"current": {"search": "inf"}}, {"current": {"search": -1}}, {"total": None, "target_roas": "inf"}])
def test_amounts_of_a_plan_are_finite(wrong: dict[str, Any]) -> None:
    """A fault at submission: no job could keep such a figure."""
    with pytest.raises(InvalidInput):
        get_kind("mmm.optimise").parse({"fit_id": str(uuid.uuid4()), "total": 50, **wrong})


def test_a_fit_of_another_organisation_is_not_there(marketing: Marketing) -> None:
    """An id that is not one's own is no fit."""
    job = marketing.finished(marketing.submit("mmm.optimise", {"fit_id": str(uuid.uuid4()), "total": 5.0}))
    assert job["error"]["errors"] == [{"pointer": "/params/fit_id", "detail": "no such fit"}]
