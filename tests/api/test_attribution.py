"""What was attributed; beside it what other evidence says."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from models import MmmFit
from models.session import org_session
from tests.api import rows
from tests.api.conftest import Api
from tests.people import Person


@pytest.fixture
def make_run(user: Person) -> Callable[..., str]:
    """`make_run(campaign=…)` -> the id of a finished run, as the job keeps it."""
    return partial(rows.attribution_run, user.org_id)


def test_without_a_run_there_is_a_way_to_one(viewer: Api) -> None:
    """404 with a hint."""
    answer = viewer.get("/v1/analytics/attribution")
    assert (answer.status_code, "attribution.run" in answer.json["hint"]) == (404, True)


def test_models_stand_side_by_side(viewer: Api, make_run: Callable[..., str]) -> None:
    """The latest run unless one is named; each column sums to the totals; paths come with names and rates."""
    first, latest = make_run(), make_run()
    found = viewer.get("/v1/analytics/attribution").json
    assert (found["run_id"], viewer.get(f"/v1/analytics/attribution?run_id={first}").json["run_id"]) == (latest, first)
    for model in found["models"]:
        assert sum(row["revenue"][model] for row in found["rows"]) == pytest.approx(found["totals"]["revenue"])
    assert found["paths"][0] | {"rate": None} == {"path": ["x", "=email"], "conversions": 3, "revenue": 90, "losses": 1, "rate": None}
    assert found["shapley"] == {"exact": True, "standard_error": 0}


def test_campaigns_have_their_names(viewer: Api, make_run: Callable[..., str], make_campaign: Callable[..., str]) -> None:
    """Also in the paths; a campaign that is gone says so."""
    make_run(make_campaign(name="Autumn"))
    found = viewer.get("/v1/analytics/attribution?by=campaign").json
    assert ([row["label"] for row in found["rows"]], found["paths"][0]["path"]) == (["Autumn"], ["Autumn"])
    make_run(str(uuid.uuid4()))
    assert viewer.get("/v1/analytics/attribution?by=campaign").json["rows"][0]["label"].startswith("deleted campaign")


def test_runs_of_others_do_not_exist(stranger: Api, make_run: Callable[..., str]) -> None:
    """Neither by id nor as the latest."""
    run = make_run()
    assert [stranger.get(f"/v1/analytics/attribution{query}").status_code for query in ("", f"?run_id={run}")] == [404, 404]


def test_the_csv_runs_nothing(viewer: Api, make_run: Callable[..., str]) -> None:
    """A column for each model and figure; a channel named like a formula is text."""
    make_run()
    lines = list(csv.DictReader(io.StringIO(viewer.get("/v1/analytics/attribution?format=csv").text)))
    assert {line["channel"] for line in lines} == {"x", "'=email"}
    assert sum(float(line["markov_revenue"]) for line in lines) == pytest.approx(100)


def test_other_evidence_stands_beside(viewer: Api, user: Person, make_run: Callable[..., str]) -> None:
    """The latest complete mix model's channels and its lift tests, with their intervals."""
    make_run()
    assert viewer.get("/v1/analytics/attribution").json["beside"] == []
    summary = {"mean": 2.0, "median": 2.0, "low": 1.0, "high": 3.0}
    test = {"channel": "x", "start": "2026-05-01", "end": "2026-05-14", "lift": 100.0, "standard_error": 10.0}
    fit: dict[str, Any] = {
        "name": "Spring", "request_hash": "h", "state": "complete", "grade": "trustworthy", "finished_at": datetime.now(UTC),
        "request": {"model": {"lift_tests": [test]}}, "results": {"channels": [{"name": "x", "contribution": summary, "roas": summary}]},
    }  # fmt: skip
    with org_session(user.org_id) as session:
        session.add(MmmFit(id=uuid.uuid4(), org_id=user.org_id, market={}, **fit))
    beside = viewer.get("/v1/analytics/attribution").json["beside"]
    assert [(one["source"], one["figure"], one["low"]) for one in beside] == [
        ("mix model", "contribution", 1), ("mix model", "roas", 1), ("experiment", "lift", pytest.approx(83.55))
    ]  # fmt: skip
