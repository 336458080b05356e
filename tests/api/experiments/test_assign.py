"""Assignments: the same for the same unit, noted once, refused after the stop."""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select

from models import AuditEntry
from models.session import engine_session
from pipelines.experiments.hashing import bucket
from tests.api.conftest import Api
from tests.people import Person

Make = Callable[..., str]
Exposures = Callable[[str], dict[str, str]]


def units(many: int, **attributes: object) -> list[dict[str, object]]:
    return [{"id": f"u{n}", **attributes} for n in range(many)]


def test_the_same_unit_always_gets_the_same(admin: Api, make_experiment: Make, exposures: Exposures) -> None:
    """Asked twice, alone or among others, a unit has one variant, its value, and one exposure."""
    path = f"/v1/experiments/{(experiment := make_experiment(start=True))}/assign"
    alone = admin.post(path, {"attributes": {"id": "u7"}}).json
    among = admin.post(path, {"units": units(50)}).json["assignments"]
    assert {name: alone[name] for name in among[7]} == among[7]
    assert alone["value"] == ({"size": 2} if alone["variant"] == "large" else "control")
    assert Counter(exposures(experiment).values()).total() == 50
    assert exposures(experiment)["u7"] == alone["variant"]


def test_shares_are_as_asked(admin: Api, make_experiment: Make) -> None:
    """With a quarter of coverage and weights 3:1, a thousand units fall about so."""
    changes = {"coverage": 0.5, "variants": [{"key": "a", "weight": 0.75}, {"key": "b", "weight": 0.25}]}
    path = f"/v1/experiments/{make_experiment(start=True, **changes)}/assign"
    found = Counter(one["variant"] for one in admin.post(path, {"units": units(1000), "record": False}).json["assignments"])
    assert abs(found[None] - 500) < 60 and abs(found["a"] - 375) < 60 and abs(found["b"] - 125) < 45


def test_looking_leaves_no_trace(admin: Api, make_experiment: Make, exposures: Exposures) -> None:
    """record=false assigns and notes nothing."""
    experiment = make_experiment(start=True)
    assert admin.post(f"/v1/experiments/{experiment}/assign", {"attributes": {"id": "u"}, "record": False}).json["in_experiment"]
    assert exposures(experiment) == {}


def test_targeting_lets_in_and_keeps_out(admin: Api, make_experiment: Make, exposures: Exposures) -> None:
    """Who does not match gets the control's value, a reason, and no exposure."""
    experiment = make_experiment(start=True, condition={"country": {"$in": ["NL", "BE"]}, "age": {"$gte": 18}})
    path = f"/v1/experiments/{experiment}/assign"
    assert admin.post(path, {"attributes": {"id": "in", "country": "NL", "age": 20}}).json["in_experiment"]
    out = admin.post(path, {"attributes": {"id": "out", "country": "DE", "age": 20}}).json
    assert (out["variant"], out["value"], out["reason"]) == (None, "control", "does not match the targeting condition")
    assert list(exposures(experiment)) == ["in"]


def test_without_the_unit_s_id_nothing_is_assigned(admin: Api, make_experiment: Make) -> None:
    """The attribute that tells units apart is asked for by its name."""
    path = f"/v1/experiments/{make_experiment(start=True, hash_attribute='device')}/assign"
    answer = admin.post(path, {"attributes": {"id": "u"}})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/attributes/device")
    assert admin.post(path, {}).json["errors"][0]["pointer"] == "/attributes"


def test_only_running_ones_assign(admin: Api, make_experiment: Make) -> None:
    """Before the start and after the stop it is refused, with what to do instead."""
    experiment = make_experiment()
    path, body = f"/v1/experiments/{experiment}", {"attributes": {"id": "u"}}
    assert "has not been started" in admin.post(f"{path}/assign", body).json["detail"]
    admin.post(f"{path}/start")
    assert admin.post(f"{path}/assign", body).status_code == 200
    admin.post(f"{path}/stop", {"winner": "large"})
    refused = admin.post(f"{path}/assign", body)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert "is stopped; nobody is assigned any more, the winner is 'large'" in refused.json["detail"]


def test_units_in_a_namespace_s_other_part_are_left_out(admin: Api, make_experiment: Make) -> None:
    """Two experiments that share a group never share a unit, and each has about its share."""
    paths = [f"/v1/experiments/{make_experiment(start=True, namespace={'id': 'n', 'share': 0.5})}/assign" for _ in range(2)]
    found = [[one["in_experiment"] for one in admin.post(path, {"units": units(400)}).json["assignments"]] for path in paths]
    assert not any(one and other for one, other in zip(*found, strict=True))
    assert abs(sum(found[0]) - 200) < 50 and abs(sum(found[1]) - 200) < 50
    assert found[0] == [bucket("__n", f"u{n}", 1) < 0.5 for n in range(400)]


def test_a_holdout_is_left_out_and_measured(admin: Api, make_experiment: Make, exposures: Exposures) -> None:
    """Held-out units are in no experiment that names the holdout, and both its groups are noted along."""
    groups = [{"key": "held-out", "weight": 0.2}, {"key": "rest", "weight": 0.8}]
    holdout = make_experiment(start=True, kind="holdout", variants=groups)
    experiment = make_experiment(start=True, holdout_id=holdout)
    found = admin.post(f"/v1/experiments/{experiment}/assign", {"units": units(300)}).json["assignments"]
    noted = exposures(holdout)
    assert {one["unit"] for one in found if one["reason"] == "in a holdout"} == {
        unit for unit, group in noted.items() if group == "held-out"
    }
    assert (len(noted), abs(sum(group == "held-out" for group in noted.values()) - 60) < 25) == (300, True)


def test_a_new_split_moves_the_fewest(admin: Api, make_experiment: Make) -> None:
    """From halves to 30:70 nobody goes to the smaller variant, and one in five goes to the larger."""
    experiment = make_experiment(start=True)
    path, body = f"/v1/experiments/{experiment}", {"units": units(1000), "record": False}
    before = admin.post(f"{path}/assign", body).json["assignments"]
    admin.patch(path, {"weights": [0.3, 0.7]})
    after = admin.post(f"{path}/assign", body).json["assignments"]
    moves = Counter((one["variant"], other["variant"]) for one, other in zip(before, after, strict=True))
    assert moves["large", "control"] == 0
    assert abs(moves["control", "large"] - 200) < 50


def test_a_stranger_s_experiment_does_not_exist(stranger: Api, make_experiment: Make) -> None:
    """Another organisation can neither assign nor read."""
    path = f"/v1/experiments/{make_experiment(start=True)}"
    assert stranger.post(f"{path}/assign", {"attributes": {"id": "u"}}).status_code == 404
    assert stranger.get(f"{path}/results").status_code == 404


def test_a_refused_request_notes_nobody(admin: Api, make_experiment: Make, exposures: Exposures) -> None:
    """One unit without an id among others: its place is told, and no exposure is written for an answer that was not given."""
    experiment = make_experiment(start=True, hash_attribute="device/id")
    refused = admin.post(f"/v1/experiments/{experiment}/assign", {"units": [{"device/id": "a"}, {"device/id": ""}]})
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/units/1/device~1id"]
    assert exposures(experiment) == {}


def test_a_key_too_long_to_be_kept_holds_no_exposure_up(admin: Api, make_experiment: Make, exposures: Exposures) -> None:
    """Also the holdout's key of a unit is checked: one that Postgres cannot index would be tried again forever, with all that wait."""
    holdout = make_experiment(start=True, kind="holdout", hash_attribute="device")
    experiment = make_experiment(start=True, holdout_id=holdout)
    path = f"/v1/experiments/{experiment}/assign"
    refused = admin.post(path, {"attributes": {"id": "u", "device": secrets.token_hex(6000)}})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/attributes/device")
    assert admin.post(path, {"attributes": {"id": "without a device"}}).status_code == 200
    assert exposures(holdout) == {}


def test_asking_for_what_is_gone_fills_no_log(admin: Api, user: Person) -> None:
    """A page that goes on asking for a deleted experiment, visitor by visitor, leaves no audit entry each."""
    gone = f"/v1/experiments/{uuid.uuid4()}"
    assert admin.post(f"{gone}/assign", {"attributes": {"id": "u"}}).status_code == 404
    assert admin.get(gone).status_code == 404
    with engine_session() as session:
        noted = select(AuditEntry.action).where(AuditEntry.org_id == user.org_id, AuditEntry.outcome == "denied")
        assert session.execute(noted).scalars().all() == ["experiments.show"]
