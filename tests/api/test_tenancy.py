"""Two organisations: what belongs to one does not exist for the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from api.permissions import ACCESS, PUBLIC
from tests.api import mix, rows
from tests.api.conftest import CAMPAIGN, DRUMS, Api, png
from tests.api.experiments.designs import EXPERIMENT
from tests.people import Person

BODIES = {
    "members.update": {"role": "viewer"},
    "campaigns.update": {"name": "Mine"},
    "campaigns.approve": {"approve": True},
    "assets.update": {"name": "Mine"},
    "posts.update": {"text": "Mine"},
    "effects.resolve": {"outcome": "sent"},
    "write-keys.update": {"name": "Mine"},
    "experiments.update": {"name": "Mine"},
    "experiments.assign": {"attributes": {"id": "u"}},
    "mmm-fits.scenarios": {"plans": [{"name": "Mine", "spend": {}}]},
    "mmm-plans.apply": {"campaign_id": "00000000-0000-0000-0000-000000000000"},
}
BY_ID = sorted(endpoint for endpoint, role in ACCESS.items() if role != PUBLIC and endpoint.split(".")[1] not in ("index", "create"))
SINGLE = ("me", "organization", "auth", "job-kinds", "pages", "metrics", "analytics")
UPLOADS = ("assets.add_version",)


def rows_of(api: Api, person: Person) -> dict[str, str]:
    """One row of each resource that has ids, by the resource's name."""
    job = api.post("/v1/jobs", {"kind": DRUMS}).json["id"]
    return {
        "members": str(person.id),
        "connections": rows.connection(person.org_id),
        "jobs": job,
        "campaigns": api.post("/v1/campaigns", CAMPAIGN).json["id"],
        "assets": api.upload().json["id"],
        "posts": rows.post(person.org_id),
        "effects": rows.effect(person.org_id, job),
        "write-keys": api.post("/v1/write-keys", {"name": "Shop", "origins": ["https://shop.example"]}).json["id"],
        "links": api.post("/v1/links", {"target": "https://shop.example", "channel": "x"}).json["id"],
        "experiments": api.post("/v1/experiments", EXPERIMENT).json["id"],
        "client-keys": api.post("/v1/client-keys", {"name": "Shop"}).json["id"],
        "mmm-fits": (fit := mix.fit(person.org_id)),
        "mmm-plans": mix.plan(person.org_id, fit),
    }


@pytest.mark.parametrize("endpoint", [name for name in BY_ID if name.split(".")[0] not in SINGLE])
def test_rows_of_another_organisation_are_not_found(app: Flask, admin: Api, user: Person, stranger: Api, endpoint: str) -> None:
    """404, not 403: nobody learns that the row exists. Every route with an id is tried as another organisation's admin."""
    rule: Rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    resource, _, _ = endpoint.partition(".")
    path = rule.rule.replace("<uuid:id>", rows_of(admin, user)[resource])
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    if endpoint in UPLOADS:
        answer = stranger.upload(path, png())
    else:
        answer = stranger.call(method, path, **({} if method == "GET" else {"json": BODIES.get(endpoint, {})}))
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


LISTS = ["members", "connections", "jobs", "campaigns", "assets", "posts", "effects", "experiments", "write-keys", "links"]
LISTS += ["mmm-fits", "mmm-plans"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_hold_ones_own_rows_only(admin: Api, user: Person, stranger: Api, path: str) -> None:
    """A list never shows a row of another organisation."""
    mine = rows_of(admin, user)[path]
    assert mine in [row["id"] for row in admin.get(f"/v1/{path}").json["items"]]
    assert mine not in [row["id"] for row in stranger.get(f"/v1/{path}").json["items"]]


def test_a_body_cannot_point_into_another_organisation(stranger: Api, make_campaign: Callable[..., str]) -> None:
    """A job or an upload cannot be hung onto somebody else's campaign."""
    campaign = make_campaign()
    assert stranger.post("/v1/jobs", {"kind": DRUMS, "campaign_id": campaign}).status_code == 404
    assert stranger.upload(campaign_id=campaign).status_code == 404
