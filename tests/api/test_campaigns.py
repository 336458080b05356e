"""Campaigns: made, changed, run, approved, paid for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models.session import org_session
from tests.api import rows
from tests.api.conftest import CAMPAIGN, Api
from tests.people import Person
from worker import control

Hold = Callable[[str, str], None]


def test_a_new_campaign_is_a_draft(admin: Api) -> None:
    """What was sent comes back, as a draft without a job."""
    answer = admin.post("/v1/campaigns", CAMPAIGN)
    assert (answer.status_code, answer.json["state"], answer.json["job_id"], answer.json["approval"]) == (201, "draft", None, "auto")
    shown = admin.get(answer.headers["Location"]).json
    assert {name: shown[name] for name in CAMPAIGN} == CAMPAIGN
    assert (shown["brand"], shown["brief"], shown["concepts"], shown["assets"], shown["posts"], shown["competitors"]) == (
        None,
        None,
        [],
        [],
        [],
        [],
    )


@pytest.mark.parametrize("domain", ["lumen.example", "https://lumen.example/shop?x=1", "http://127.0.0.1:8080", "bücher.example"])
def test_domains_that_are_taken(admin: Api, domain: str) -> None:
    """Host names and http(s) URLs, international ones too; whether they may be visited is the crawler's question."""
    assert admin.post("/v1/campaigns", CAMPAIGN | {"domain": domain}).status_code == 201


@pytest.mark.parametrize(
    "domain", ["javascript:alert(1)", "http://", "two words", "http://user:pass@lumen.example", "a..b", "http://x:99999"]
)
def test_domains_that_are_refused(admin: Api, domain: str) -> None:
    """What is no address of a site is a fault of the field `domain`."""
    answer = admin.post("/v1/campaigns", CAMPAIGN | {"domain": domain})
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/domain"]


def test_running_submits_the_campaigns_job(admin: Api, make_campaign: Callable[..., str]) -> None:
    """A run is a job of kind campaign.run; the campaign is queued with it, and does not run twice at once."""
    campaign = make_campaign()
    run = admin.post(f"/v1/campaigns/{campaign}/run")
    assert (run.status_code, run.json["kind"], run.json["campaign_id"]) == (202, "campaign.run", campaign)
    shown = admin.get(f"/v1/campaigns/{campaign}").json
    assert (shown["state"], shown["job_id"]) == ("queued", run.json["id"])
    assert campaign in [row["id"] for row in admin.get("/v1/campaigns?state=queued").json["items"]]
    assert admin.post(f"/v1/campaigns/{campaign}/run").status_code == 409


def test_a_run_can_be_repeated_by_its_key(admin: Api, make_campaign: Callable[..., str]) -> None:
    """The same Idempotency-Key answers the run under way instead of a conflict."""
    campaign, key = make_campaign(), {"Idempotency-Key": "run-1"}
    first = admin.post(f"/v1/campaigns/{campaign}/run", headers=key).json["id"]
    assert admin.post(f"/v1/campaigns/{campaign}/run", headers=key).json["id"] == first


def test_a_cancelled_run_leaves_the_campaign_failed_and_free(admin: Api, make_campaign: Callable[..., str]) -> None:
    """The campaign's state is its run's; once that has ended it can run again."""
    campaign = make_campaign()
    admin.post(f"/v1/jobs/{admin.post(f'/v1/campaigns/{campaign}/run').json['id']}/cancel")
    assert admin.get(f"/v1/campaigns/{campaign}").json["state"] == "failed"
    assert admin.post(f"/v1/campaigns/{campaign}/run").status_code == 202


def test_what_a_run_works_from_is_fixed_while_it_runs(admin: Api, make_campaign: Callable[..., str]) -> None:
    """Domain, goal and channels wait for the end of the run; name and budget may change."""
    campaign = make_campaign()
    admin.post(f"/v1/campaigns/{campaign}/run")
    refused = admin.patch(f"/v1/campaigns/{campaign}", {"goal": "Another"})
    assert (refused.status_code, "goal" in refused.json["detail"]) == (409, True)
    assert admin.patch(f"/v1/campaigns/{campaign}", {"name": "Summer"}).json["name"] == "Summer"


def test_a_higher_budget_wakes_what_waits_for_one(admin: Api, make_campaign: Callable[..., str], hold: Hold) -> None:
    """A job that waits for budget goes on when the budget is raised, and not when it is lowered."""
    campaign = make_campaign()
    run = admin.post(f"/v1/campaigns/{campaign}/run").json["id"]
    hold(run, "budget")
    admin.patch(f"/v1/campaigns/{campaign}", {"budget": 5})
    assert admin.get(f"/v1/jobs/{run}").json["state"] == "waiting"
    admin.patch(f"/v1/campaigns/{campaign}", {"budget": 50})
    assert admin.get(f"/v1/jobs/{run}").json["state"] != "waiting"


def test_approving_what_waits(admin: Api, user: Person, make_campaign: Callable[..., str], hold: Hold) -> None:
    """An approval wakes the waiting step; without one waiting it is a conflict."""
    campaign = make_campaign(approval="required")
    assert admin.post(f"/v1/campaigns/{campaign}/approve", {"approve": True}).status_code == 409
    run = admin.post(f"/v1/campaigns/{campaign}/run").json["id"]
    hold(run, "approval")
    post = rows.post(user.org_id, campaign)
    answer = admin.post(f"/v1/campaigns/{campaign}/approve", {"approve": True, "post_ids": [post], "note": "Go"})
    assert (answer.status_code, answer.json["id"]) == (202, run)
    assert answer.json["steps"][0]["state"] == "ready"


def test_approving_posts_of_another_campaign(admin: Api, user: Person, make_campaign: Callable[..., str], hold: Hold, nobody: str) -> None:
    """Posts that do not wait in this campaign are named, and nothing goes on."""
    campaign = make_campaign(approval="required")
    run = admin.post(f"/v1/campaigns/{campaign}/run").json["id"]
    hold(run, "approval")
    mine = rows.post(user.org_id, campaign)
    answer = admin.post(f"/v1/campaigns/{campaign}/approve", {"approve": True, "post_ids": [mine, nobody]})
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/post_ids/1"]
    assert admin.get(f"/v1/jobs/{run}").json["state"] == "waiting"


def test_costs_are_summed_by_vendor(admin: Api, user: Person, make_campaign: Callable[..., str], make_job: Callable[..., str]) -> None:
    """The ledger's sums by vendor, simulated ones apart, and each call."""
    campaign = make_campaign(budget="1.00")
    job = make_job()
    for amount, vendor in (("0.25", "openrouter"), ("0.05", "openrouter"), ("0.10", "segmind")):
        rows.cost(user.org_id, job, campaign, amount, vendor=vendor)
    costs = admin.get(f"/v1/campaigns/{campaign}/costs?limit=2").json
    assert [(row["vendor"], float(row["amount"]), row["calls"]) for row in costs["by_vendor"]] == [
        ("openrouter", 0.3, 2),
        ("segmind", 0.1, 1),
    ]
    assert (float(costs["spent"]), float(costs["remaining"])) == (0.4, 0.6)
    rest = admin.get(f"/v1/campaigns/{campaign}/costs?cursor={costs['next_cursor']}").json
    assert [row["vendor"] for row in costs["items"] + rest["items"]] == ["segmind", "openrouter", "openrouter"]


def test_deleting_a_draft_keeps_its_uploads(admin: Api, make_campaign: Callable[..., str]) -> None:
    """A campaign that never ran goes; a file that was uploaded for it stays, without it."""
    campaign = make_campaign()
    asset = admin.upload(campaign_id=campaign).json["id"]
    assert admin.delete(f"/v1/campaigns/{campaign}").status_code == 204
    assert admin.get(f"/v1/campaigns/{campaign}").status_code == 404
    assert admin.get(f"/v1/assets/{asset}").json["campaign_id"] is None


def test_a_campaign_that_ran_is_kept(admin: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """Costs and posts are records: deleting is refused once there was a run."""
    campaign = make_campaign()
    run = admin.post(f"/v1/campaigns/{campaign}/run").json["id"]
    with org_session(user.org_id) as session:
        control.cancel(session, run)
    assert admin.delete(f"/v1/campaigns/{campaign}").status_code == 409


def test_a_campaign_that_a_job_worked_for_is_kept(admin: Api, make_campaign: Callable[..., str], make_job: Callable[..., str]) -> None:
    """Not only a run leaves costs: any job of the campaign does, and its records stay."""
    campaign = make_campaign()
    job = make_job(campaign_id=campaign)
    assert admin.delete(f"/v1/campaigns/{campaign}").status_code == 409
    assert admin.get(f"/v1/jobs/{job}").status_code == 200
