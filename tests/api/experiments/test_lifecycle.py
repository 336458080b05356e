"""Experiments: made, changed, started, stopped, put away."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from models import ExperimentDecision
from models.session import engine_session
from tests.api import rows
from tests.api.conftest import Api
from tests.api.experiments.designs import EXPERIMENT
from tests.people import Person

Make = Callable[..., str]
METRIC = EXPERIMENT["metrics"][0]
VARIANTS = EXPERIMENT["variants"]


def test_a_new_experiment_is_a_draft(admin: Api) -> None:
    """What was sent comes back; nobody is assigned yet, and the feature has the experiment's key."""
    answer = admin.post("/v1/experiments", EXPERIMENT)
    assert (answer.status_code, answer.json["state"], answer.json["version"], answer.json["feature_key"]) == (
        201,
        "draft",
        0,
        "checkout-button",
    )
    assert answer.json["shares"] == [0.5, 0.5]
    assert admin.get(answer.headers["Location"]).json["id"] == answer.json["id"]


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"variants": VARIANTS[:1]}, "/variants", "at least two"),
        ({"variants": [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.4}]}, "/variants", "sum to 0.9, not to 1"),
        ({"variants": [{"key": "a", "weight": 0.5}, {"key": "b"}]}, "/variants", "to all or to none"),
        ({"variants": [{"key": "a"}, {"key": "a"}]}, "/variants", "key 'a' 2 times"),
        ({"metrics": []}, "/metrics", "0 primary metrics"),
        ({"metrics": [METRIC, METRIC | {"key": "other"}]}, "/metrics", "2 primary metrics"),
        ({"metrics": [METRIC | {"type": "ratio"}]}, "/metrics/0/denominator", "is missing"),
        ({"condition": {"age": {"$near": 3}}}, "/condition/age/$near", "is no operator"),
        ({"condition": {"mail": {"$regex": "(a+)+$"}}}, "/condition/mail/$regex", "may take too long"),
        ({"namespace": {"id": "n", "start": 0.6, "end": 0.5}}, "/namespace", "start below its end"),
        ({"holdout_id": "00000000-0000-4000-8000-000000000000"}, "/holdout_id", "no experiment of kind holdout"),
        ({"coverage": 1.5}, "/coverage", "less than or equal to 1"),
    ],
)
def test_what_is_wrong_is_told(admin: Api, changes: dict[str, Any], pointer: str, said: str) -> None:
    """Each fault has its pointer and says what to do."""
    answer = admin.post("/v1/experiments", EXPERIMENT | changes)
    assert answer.status_code == 422
    assert [fault["detail"] for fault in answer.json["errors"] if fault["pointer"] == pointer and said in fault["detail"]], answer.json


def test_all_faults_come_at_once(admin: Api) -> None:
    """One answer names every fault of the design."""
    answer = admin.post("/v1/experiments", EXPERIMENT | {"variants": VARIANTS[:1], "metrics": [], "condition": {"$no": 1}})
    assert {fault["pointer"] for fault in answer.json["errors"]} >= {"/variants", "/metrics", "/condition/$no"}


def test_keys_are_unique(admin: Api, make_experiment: Make) -> None:
    """A second experiment of the same key is refused with the field's pointer."""
    make_experiment(key="once")
    answer = admin.post("/v1/experiments", EXPERIMENT | {"key": "once"})
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/key"]


def test_from_draft_to_archive(admin: Api, make_experiment: Make) -> None:
    """Each state allows the next one only, and says so otherwise."""
    path = f"/v1/experiments/{make_experiment()}"
    assert admin.post(f"{path}/stop").status_code == 409
    started = admin.post(f"{path}/start").json
    assert (started["state"], started["version"]) == ("running", 1)
    assert admin.post(f"{path}/start").status_code == 409
    assert admin.post(f"{path}/archive").status_code == 409
    assert admin.delete(path).status_code == 409
    assert admin.post(f"{path}/stop", {"winner": "nobody"}).json["errors"][0]["pointer"] == "/winner"
    stopped = admin.post(f"{path}/stop", {"winner": "large"}).json
    assert (stopped["state"], stopped["winner"]) == ("stopped", "large")
    assert admin.post(f"{path}/archive").json["state"] == "archived"
    assert admin.patch(path, {"name": "Old"}).json["name"] == "Old"


def test_a_draft_can_be_changed_and_deleted(admin: Api, make_experiment: Make) -> None:
    """Before the start everything may change, checked as when it was made."""
    path = f"/v1/experiments/{make_experiment()}"
    assert admin.patch(path, {"variants": VARIANTS[:1]}).status_code == 422
    changed = admin.patch(path, {"weights": [0.2, 0.8], "coverage": 0.5}).json
    assert (changed["shares"], changed["coverage"], changed["version"]) == ([0.2, 0.8], 0.5, 0)
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404


def test_new_weights_of_a_running_one_make_a_version(admin: Api, make_experiment: Make) -> None:
    """The old split is kept; the new one moves the twenty percent that the change asks for, and no more."""
    path = f"/v1/experiments/{make_experiment(start=True)}"
    assert admin.patch(path, {"metrics": [METRIC]}).status_code == 409
    assert admin.patch(path, {"weights": [0.5, 0.6]}).json["errors"][0]["pointer"] == "/weights"
    assert admin.patch(path, {"weights": [0.3, 0.7]}).json["version"] == 2
    versions = admin.get(f"{path}/versions").json["items"]
    assert [one["weights"] for one in versions] == [[0.5, 0.5], [0.3, 0.7]]
    assert versions[1]["pieces"] == [[0.0, 0.3, 0], [0.3, 1.0, 1]]


def test_experiments_of_a_namespace_exclude_each_other(admin: Api, make_experiment: Make) -> None:
    """Room is found for a share; an overlapping range is refused with the other's key; room runs out."""
    first = make_experiment(start=True, namespace={"id": "checkout", "share": 0.6})
    assert admin.get(f"/v1/experiments/{first}").json["namespace"] == {"id": "checkout", "share": None, "start": 0.0, "end": 0.6}
    overlapping = admin.post(f"/v1/experiments/{make_experiment(namespace={'id': 'checkout', 'start': 0.5, 'end': 1})}/start")
    assert overlapping.status_code == 409
    assert "overlaps" in overlapping.json["detail"]
    too_large = admin.post(f"/v1/experiments/{make_experiment(namespace={'id': 'checkout', 'share': 0.5})}/start")
    assert "the largest is 40%" in too_large.json["detail"]


def test_a_bandit_schedules_its_updates(admin: Api, make_experiment: Make) -> None:
    """A started bandit has a schedule for its updates, which ends with it."""
    bandit = make_experiment(start=True, kind="bandit", bandit={"every_minutes": 30})
    find = text("SELECT cron, enabled, params->>'experiment_id' AS experiment FROM schedules WHERE params->>'experiment_id' = :id")
    with engine_session() as session:
        assert tuple(session.execute(find, {"id": bandit}).one()) == ("*/30 * * * *", True, bandit)
    assert admin.patch(f"/v1/experiments/{bandit}", {"weights": [0.1, 0.9]}).status_code == 409
    admin.post(f"/v1/experiments/{bandit}/stop")
    with engine_session() as session:
        assert session.execute(find, {"id": bandit}).one().enabled is False


def test_lists_are_filtered(admin: Api, make_experiment: Make) -> None:
    """By state and kind."""
    draft, running = make_experiment(), make_experiment(start=True)
    assert [one["id"] for one in admin.get("/v1/experiments?state=draft").json["items"]] == [draft]
    assert [one["id"] for one in admin.get("/v1/experiments?kind=ab&state=running").json["items"]] == [running]


def test_a_pause_changes_nobody_s_variant(admin: Api, make_experiment: Make) -> None:
    """With a coverage of 0 nobody takes part; afterwards the shares are the last ones, and everybody is where they were."""
    path = f"/v1/experiments/{make_experiment(start=True)}"
    units = {"units": [{"id": f"u{n}"} for n in range(200)], "record": False}

    def variants() -> list[str | None]:
        return [one["variant"] for one in admin.post(f"{path}/assign", units).json["assignments"]]

    for change in ({"coverage": 0.4}, {"weights": [0.2, 0.8]}, {"coverage": 0.9}):
        admin.patch(path, change)
    before = variants()
    paused = admin.patch(path, {"coverage": 0}).json
    assert (set(variants()), paused["shares"]) == ({None}, pytest.approx([0.2, 0.8]))
    refused = admin.patch(path, {"weights": [0.5, 0.5]})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/weights")
    assert admin.patch(path, {"coverage": 0.9}).json["shares"] == pytest.approx([0.2, 0.8])
    assert variants() == before


def test_versions_come_page_by_page(admin: Api, make_experiment: Make) -> None:
    """The first one first; a cursor that is none is refused."""
    path = f"/v1/experiments/{make_experiment(start=True)}"
    for share in (0.4, 0.3, 0.2):
        admin.patch(path, {"weights": [share, 1 - share]})
    first = admin.get(f"{path}/versions?limit=3").json
    rest = admin.get(f"{path}/versions?limit=3&cursor={first['next_cursor']}").json
    assert [one["number"] for one in first["items"] + rest["items"]] == [1, 2, 3, 4]
    assert rest["next_cursor"] is None
    assert admin.get(f"{path}/versions?cursor=x").json["errors"][0]["pointer"] == "/query/cursor"


def test_decisions_can_be_read_to_the_first(admin: Api, make_experiment: Make, user: Person) -> None:
    """The newest ones, and those before any of them."""
    bandit = make_experiment(start=True, kind="bandit")
    for number in range(1, 6):
        decision = {"org_id": user.org_id, "experiment_id": uuid.UUID(bandit), "number": number, "action": "kept", "explanation": "…"}
        rows.add(ExperimentDecision(**decision, inputs={}, outcome={}))
    path = f"/v1/experiments/{bandit}/decisions?limit=3"
    assert [one["number"] for one in admin.get(path).json["items"]] == [5, 4, 3]
    assert [one["number"] for one in admin.get(f"{path}&before=3").json["items"]] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"plan": {"alpha": 1e-20}}, "/plan/alpha"),
        ({"plan": {"planned_units": 10**400}}, "/plan/planned_units"),
        ({"kind": "bandit", "bandit": {"min_units": 10**400}}, "/bandit/min_units"),
        ({"namespace": {"id": "n", "share": 0.00001}}, "/namespace/share"),
    ],
)
def test_figures_that_no_reading_can_use_are_refused(admin: Api, changes: dict[str, Any], pointer: str) -> None:
    """An error rate with no tail left, more units than there are people, a part of a namespace that holds nobody."""
    answer = admin.post("/v1/experiments", EXPERIMENT | changes)
    assert (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])


def test_a_holdout_keeps_its_part_of_everybody_out(admin: Api, make_experiment: Make) -> None:
    """It has no condition, no namespace and no holdout of its own, as SDKs could not heed them; neither as a draft that is changed."""
    holdout = make_experiment(kind="holdout")
    odd = {"condition": {"country": "NL"}, "namespace": {"id": "n", "share": 0.5}, "holdout_id": holdout}
    made = admin.post("/v1/experiments", EXPERIMENT | {"key": "another", "kind": "holdout"} | odd)
    assert sorted(fault["pointer"] for fault in made.json["errors"]) == ["/condition", "/holdout_id", "/namespace"]
    changed = admin.patch(f"/v1/experiments/{holdout}", {"condition": {"country": "NL"}})
    assert (changed.status_code, changed.json["errors"][0]["pointer"]) == (422, "/condition")
