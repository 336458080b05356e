"""What SDKs read and report, by client key alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.experiments import published
from pipelines.experiments.hashing import bucket
from tests.api.conftest import Api

Make = Callable[..., str]


@pytest.fixture
def key(admin: Api) -> str:
    return str(admin.post("/v1/client-keys", {"name": "Shop"}).json["key"])


def features(anonymous: Api, key: str, **headers: str) -> Any:
    published.forget(key)
    return anonymous.get(f"/api/features/{key}", headers=headers)


def evaluated(rule: dict[str, Any], unit: str) -> Any:
    """As an SDK evaluates a rule: its own few lines, from the specification."""
    for one in rule.get("filters", ()):
        if not any(low <= bucket(one["seed"], unit, one["hashVersion"]) < high for low, high in one["ranges"]):
            return None
    if (space := rule.get("namespace")) and not space[1] <= bucket("__" + space[0], unit, 1) < space[2]:
        return None
    n = bucket(rule["seed"], unit, rule["hashVersion"])
    return next((meta["key"] for meta, (low, high) in zip(rule["meta"], rule["ranges"], strict=True) if low <= n < high), None)


def test_sdks_and_the_endpoint_agree(admin: Api, anonymous: Api, key: str, make_experiment: Make) -> None:
    """What an SDK makes of the document is what /assign says, for namespaces, holdouts and changed splits too."""
    groups = [{"key": "out", "weight": 0.3}, {"key": "rest", "weight": 0.7}]
    holdout = make_experiment(start=True, kind="holdout", variants=groups)
    three = [{"key": name, "weight": 1 / 3, "value": n} for n, name in enumerate("abc")]
    named = {"namespace": {"id": "n", "share": 0.7}}
    for changes in ({}, named, {"holdout_id": holdout}, {**named, "holdout_id": holdout, "namespace": {"id": "m", "share": 0.7}}):
        experiment = make_experiment(start=True, variants=three, coverage=0.9, **changes)
        admin.patch(f"/v1/experiments/{experiment}", {"weights": [0.2, 0.5, 0.3]})
        feature = admin.get(f"/v1/experiments/{experiment}").json["feature_key"]
        rule = features(anonymous, key).json["features"][feature]["rules"][0]
        units = [{"id": f"u{n}"} for n in range(200)]
        ours = admin.post(f"/v1/experiments/{experiment}/assign", {"units": units, "record": False}).json["assignments"]
        assert [evaluated(rule, one["unit"]) for one in ours] == [one["variant"] for one in ours]


def test_the_document_has_the_sdks_form(admin: Api, anonymous: Api, key: str, make_experiment: Make) -> None:
    """A feature with its default and one rule; several pieces of a variant share its key. No holdout is a feature."""
    make_experiment(start=True, kind="holdout")
    make_experiment(start=True, key="e", feature_key="button", condition={"country": "NL"})
    document = features(anonymous, key).json
    assert (document["status"], list(document["features"])) == (200, ["button"])
    button = document["features"]["button"]
    assert button["defaultValue"] == "control"
    rule = button["rules"][0]
    assert (rule["key"], rule["hashVersion"], rule["hashAttribute"], rule["phase"]) == ("e", 2, "id", "1")
    assert (rule["variations"], rule["ranges"]) == (["control", {"size": 2}], [[0, 0.5], [0.5, 1]])
    assert rule["condition"] == {"country": "NL"}


def test_a_stopped_one_gives_everybody_its_winner(admin: Api, anonymous: Api, key: str, make_experiment: Make) -> None:
    """After the stop there is no rule, and the feature's default is the winner's value; archived, it is gone."""
    path = f"/v1/experiments/{make_experiment(start=True, feature_key='button')}"
    admin.post(f"{path}/stop", {"winner": "large"})
    assert features(anonymous, key).json["features"]["button"] == {"defaultValue": {"size": 2}, "rules": []}
    admin.post(f"{path}/archive")
    assert features(anonymous, key).json["features"] == {}


def test_browsers_may_cache_and_share(anonymous: Api, key: str) -> None:
    """An ETag, a short public cache, and open to every origin; the same document is not sent twice."""
    first = features(anonymous, key, Origin="https://shop.example")
    assert first.headers["Cache-Control"] == "public, max-age=10, stale-while-revalidate=60"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = features(anonymous, key, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_deleted_key_opens_nothing(admin: Api, anonymous: Api) -> None:
    """Neither does one that never was."""
    made = admin.post("/v1/client-keys", {"name": "Old"}).json
    assert anonymous.get(f"/api/features/{made['key']}").status_code == 200
    assert admin.delete(f"/v1/client-keys/{made['id']}").status_code == 204
    assert anonymous.get(f"/api/features/{made['key']}").status_code == 404
    assert anonymous.get("/api/features/sdk-nothing").status_code == 404


def test_exposures_are_taken_if_the_hash_bears_them_out(
    admin: Api, anonymous: Api, key: str, make_experiment: Make, exposures: Callable[[str], dict[str, str]]
) -> None:
    """A made-up variant and an unknown experiment are refused one by one; the rest is kept."""
    experiment = make_experiment(start=True, key="e")
    mine = admin.post(f"/v1/experiments/{experiment}/assign", {"attributes": {"id": "u1"}, "record": False}).json["variant"]
    other = "large" if mine == "control" else "control"
    reports = [{"experiment": name, "variant": variant, "unit": "u1"} for name, variant in (("e", mine), ("e", other), ("x", mine))]
    answer = anonymous.post(f"/api/exposures/{key}", {"exposures": reports})
    assert (answer.status_code, answer.json["accepted"]) == (200, 1)
    assert [fault["pointer"] for fault in answer.json["refused"]] == ["/exposures/1", "/exposures/2"]
    assert exposures(experiment) == {"u1": mine}


def test_a_browser_may_report_from_any_page(anonymous: Api, key: str) -> None:
    """The preflight of a JSON request is answered for every origin."""
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = anonymous.call("OPTIONS", f"/api/exposures/{key}", headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


def test_exposures_are_held_against_the_last_versions_only(
    admin: Api, anonymous: Api, key: str, make_experiment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bandit has thousands of splits; looking at each for each report, anybody could keep the server busy."""
    path = f"/v1/experiments/{make_experiment(start=True, key='e')}"
    before = admin.post(f"{path}/assign", {"units": [{"id": f"u{n}"} for n in range(50)], "record": False}).json["assignments"]
    admin.patch(path, {"weights": [0, 1]})
    moved = next(one for one in before if one["variant"] == "control")
    report = {"exposures": [{"experiment": "e", "variant": "control", "unit": moved["unit"]}]}
    assert anonymous.post(f"/api/exposures/{key}", report).json["accepted"] == 1
    monkeypatch.setattr("api.experiments.features.VERSIONS", 1)
    assert anonymous.post(f"/api/exposures/{key}", report).json["accepted"] == 0
