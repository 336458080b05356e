"""The audit log: every change and every denied attempt, in the change's own transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from models import AuditEntry
from models.session import engine_session
from tests.api import mix, rows
from tests.api.conftest import CAMPAIGN, DRUMS, Api
from tests.api.experiments.test_campaign_bandit import concept
from tests.people import Person

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
# What people's visitors do, by the thousand, and what only computes: not an action of a member.
NO_ACTION = {"events.create", "collect.collect", "experiments.assign", "experiment-plans.create", "mmm-fits.scenarios"}
AB = {
    "key": "checkout",
    "name": "Checkout",
    "variants": [{"key": "long"}, {"key": "short"}],
    "metrics": [{"key": "bought", "event": "purchase", "role": "primary"}],
}
PASSWORD = "slow tide under copper drum"


def entries(**wanted: Any) -> list[AuditEntry]:
    with engine_session() as session:
        return list(session.execute(select(AuditEntry).filter_by(**wanted)).scalars())


def test_every_mutating_route_leaves_an_entry(
    app: Flask, admin: Api, user: Person, configure: Callable[..., None], hold: Callable[[str, str], None]
) -> None:
    """Each route that changes something is used once; each is in the log of the organisation."""
    configure(X_CLIENT_ID="drumbeat-test")
    _use_accounts(admin, user)
    _use_jobs(admin, user, hold)
    _use_assets_and_posts(admin, user)
    _use_experiments(admin)
    _use_measuring(admin, user)
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/") and UNSAFE & (rule.methods or set())}
    assert changing - {entry.action for entry in entries(org_id=user.org_id, outcome="done")} == {"auth.register", *NO_ACTION}


def _use_accounts(admin: Api, user: Person) -> None:
    login = admin.post("/v1/auth/login", {"email": user.email, "password": user.password}).json
    admin.post("/v1/auth/refresh", {"refresh_token": login["refresh_token"]})
    Api(admin.http, login["access_token"]).post("/v1/auth/logout")
    admin.patch("/v1/me", {"name": "Ada"})
    admin.patch("/v1/organization", {"name": "Lumen"})
    new = admin.post("/v1/members", {"email": f"{uuid.uuid4().hex}@lumen.example", "role": "viewer", "password": PASSWORD}).json["id"]
    admin.patch(f"/v1/members/{new}", {"role": "member"})
    admin.delete(f"/v1/members/{new}")
    admin.post("/v1/connections", {"vendor": "x"})
    admin.delete(f"/v1/connections/{rows.connection(user.org_id)}")


def _use_jobs(admin: Api, user: Person, hold: Callable[[str, str], None]) -> None:
    job = admin.post("/v1/jobs", {"kind": DRUMS}).json["id"]
    admin.post(f"/v1/jobs/{job}/cancel")
    admin.post(f"/v1/jobs/{job}/replay")
    admin.post(f"/v1/effects/{rows.effect(user.org_id, job)}/resolve", {"outcome": "not_sent"})
    admin.delete(f"/v1/campaigns/{admin.post('/v1/campaigns', CAMPAIGN).json['id']}")
    campaign = admin.post("/v1/campaigns", CAMPAIGN).json["id"]
    admin.patch(f"/v1/campaigns/{campaign}", {"budget": 30})
    run = admin.post(f"/v1/campaigns/{campaign}/run").json["id"]
    hold(run, "approval")
    admin.post(f"/v1/campaigns/{campaign}/approve", {"approve": True})


def _use_assets_and_posts(admin: Api, user: Person) -> None:
    asset = admin.upload().json["id"]
    admin.upload(f"/v1/assets/{asset}/versions")
    admin.patch(f"/v1/assets/{asset}", {"name": "Drum"})
    admin.delete(f"/v1/assets/{asset}")
    admin.patch(f"/v1/posts/{rows.post(user.org_id)}", {"text": "Hear it again."})


def _use_experiments(admin: Api) -> None:
    experiment = admin.post("/v1/experiments", AB).json["id"]
    admin.patch(f"/v1/experiments/{experiment}", {"name": "Shorter"})
    for step in ("start", "stop", "archive"):
        admin.post(f"/v1/experiments/{experiment}/{step}")
    admin.delete(f"/v1/experiments/{admin.post('/v1/experiments', AB | {'key': 'other'}).json['id']}")
    admin.delete(f"/v1/client-keys/{admin.post('/v1/client-keys', {'name': 'Site'}).json['id']}")


def _use_measuring(admin: Api, user: Person) -> None:
    campaign = admin.post("/v1/campaigns", CAMPAIGN).json["id"]
    for n in range(2):
        concept(user, campaign, n)
    admin.post(f"/v1/campaigns/{campaign}/bandit")
    admin.post(f"/v1/mmm-plans/{mix.plan(user.org_id, mix.fit(user.org_id))}/apply", {"campaign_id": campaign})
    admin.delete(f"/v1/links/{admin.post('/v1/links', {'target': 'https://lumen.example/', 'channel': 'x'}).json['id']}")
    key = admin.post("/v1/write-keys", {"name": "Site", "origins": ["https://lumen.example"]}).json["id"]
    admin.patch(f"/v1/write-keys/{key}", {"name": "Shop"})
    admin.delete(f"/v1/write-keys/{key}")
    admin.upload("/v1/metrics/import", b"date,channel,spend\n2026-01-05,search,10\n", "spend.csv")
    admin.delete("/v1/metrics?source=import&start=2026-01-05&end=2026-01-05")


def test_registering_is_in_the_new_organisations_log(anonymous: Api) -> None:
    """The first entry of an organisation is its own registration."""
    body = {"email": f"{uuid.uuid4().hex}@lumen.example", "password": PASSWORD}
    made = anonymous.post("/v1/auth/register", body).json
    found = entries(org_id=uuid.UUID(made["organization"]["id"]))
    assert [(entry.action, entry.outcome, str(entry.user_id)) for entry in found] == [("auth.register", "done", made["user"]["id"])]


def test_a_change_and_its_entry_are_one_transaction(admin: Api, user: Person) -> None:
    """A campaign's row and its audit entry were written by the same transaction: neither survives without the other."""
    campaign = admin.post("/v1/campaigns", CAMPAIGN).json["id"]
    together = "SELECT c.xmin = a.xmin FROM campaigns c JOIN audit_entries a ON a.subject = 'campaign:' || c.id WHERE c.id = :id"
    with engine_session() as session:
        assert session.execute(text(together), {"id": campaign}).scalar_one() is True


def test_a_refused_change_leaves_no_done_entry(admin: Api, user: Person, nobody: str) -> None:
    """What failed is not told as done."""
    assert admin.post(f"/v1/jobs/{nobody}/cancel").status_code == 404
    assert entries(org_id=user.org_id, action="jobs.cancel", outcome="done") == []


def test_a_role_that_is_too_low_is_noted(viewer: Api, user: Person) -> None:
    """A refused attempt is in the log of the organisation, with who, what and from where."""
    assert viewer.post("/v1/campaigns", CAMPAIGN).status_code == 403
    (entry,) = entries(org_id=user.org_id, outcome="denied")
    assert (entry.action, entry.detail["code"], entry.ip) == ("campaigns.create", "forbidden", "127.0.0.1")
    assert entry.user_id is not None


def test_reaching_into_another_organisation_is_noted(admin: Api, stranger: Api, make_campaign: Callable[..., str]) -> None:
    """A 404 for somebody else's row is an attempt, in the log of the one who tried."""
    campaign = make_campaign()
    assert stranger.patch(f"/v1/campaigns/{campaign}", {"name": "Mine"}).status_code == 404
    theirs = uuid.UUID(stranger.get("/v1/organization").json["id"])
    assert [entry.action for entry in entries(org_id=theirs, outcome="denied")] == ["campaigns.update"]


def test_calls_without_a_login_are_noted(anonymous: Api) -> None:
    """A request without a token is refused and noted under its request id."""
    answer = anonymous.post("/v1/campaigns", CAMPAIGN)
    assert [entry.outcome for entry in entries(request_id=answer.json["request_id"])] == ["denied"]


def test_failed_logins_are_noted_where_an_admin_sees_them(admin: Api, user: Person) -> None:
    """A wrong password for a member's account is in the organisation's log; the password is nowhere."""
    admin.post("/v1/auth/login", {"email": user.email, "password": "not the password"})
    (entry,) = entries(org_id=user.org_id, outcome="denied")
    assert (entry.action, entry.subject) == ("auth.login", f"email:{user.email}")
    assert "not the password" not in str(entry.detail)


def test_the_log_is_read_page_by_page(admin: Api) -> None:
    """Admins read the newest first; the cursor leads to the older ones without gap or repetition."""
    for n in range(5):
        admin.patch("/v1/organization", {"name": f"Name {n}"})
    query = "/v1/audit?action=organization.update&limit=2"
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = admin.get(query + (f"&cursor={cursor}" if cursor else "")).json
        seen += [entry["detail"]["name"] for entry in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"Name {n}" for n in (4, 3, 2, 1, 0)]


def test_one_organisation_does_not_read_anothers_log(admin: Api, stranger: Api) -> None:
    """The log holds only one's own organisation's entries."""
    admin.patch("/v1/organization", {"name": "Ours"})
    assert "Ours" not in str(stranger.get("/v1/audit").json)


def test_a_refused_path_that_cannot_be_stored_is_noted_all_the_same(admin: Api) -> None:
    """A NUL in an address is an address that is not there, and its entry is kept."""
    assert admin.get("/v1/job-kinds/%00x").status_code == 404
    assert admin.get("/v1/audit?outcome=denied").json["items"][0]["subject"] == "/v1/job-kinds/\ufffdx"
