"""`mmm.fit`, `mmm.optimise` and `mmm.report` on real workers."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from models import Asset, MmmFit, MmmPlan
from models.session import org_session
from tests.tasks.conftest import Marketing
from tests.tasks.mix import TRUTH, request
from worker import control

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


def test_a_fit_of_another_organisation_is_not_there(marketing: Marketing) -> None:
    """An id that is not one's own is no fit."""
    job = marketing.finished(marketing.submit("mmm.optimise", {"fit_id": str(uuid.uuid4()), "total": 5.0}))
    assert job["error"]["errors"] == [{"pointer": "/params/fit_id", "detail": "no such fit"}]
