"""Posts that wait for approval, and effects that only a person can settle."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api import rows
from tests.api.conftest import Api
from tests.people import Person


@pytest.fixture(autouse=True)
def _with_x(configure: Callable[..., None]) -> None:
    configure(X_CLIENT_ID="drumbeat-test")


def test_a_waiting_post_can_be_rewritten(admin: Api, user: Person) -> None:
    """The text of a post changes while it waits for its approval."""
    post = rows.post(user.org_id)
    assert admin.patch(f"/v1/posts/{post}", {"text": "Better."}).json["text"] == "Better."
    assert admin.get(f"/v1/posts/{post}").json["text"] == "Better."


def test_the_networks_rules_hold_at_once(admin: Api, user: Person) -> None:
    """A text that X would refuse is refused here, with the network's own reason."""
    answer = admin.patch(f"/v1/posts/{rows.post(user.org_id)}", {"text": "drum " * 100})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/text")


@pytest.mark.parametrize("state", ["approved", "publishing", "published", "rejected"])
def test_a_post_past_its_approval_is_fixed(admin: Api, user: Person, state: str) -> None:
    """What was approved is what goes out."""
    assert admin.patch(f"/v1/posts/{rows.post(user.org_id, state=state)}", {"text": "Other."}).status_code == 409


def test_posts_are_filtered(admin: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """By campaign and by state."""
    campaign = make_campaign()
    mine, other = rows.post(user.org_id, campaign), rows.post(user.org_id, state="published")
    assert [post["id"] for post in admin.get(f"/v1/posts?campaign_id={campaign}").json["items"]] == [mine]
    assert [post["id"] for post in admin.get("/v1/posts?state=published").json["items"]] == [other]


def test_effects_in_doubt_are_listed(admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """The list shows what needs a person, unless another state is asked for."""
    job = make_job()
    doubtful, _ = rows.effect(user.org_id, job), rows.effect(user.org_id, job, state="done")
    assert [effect["id"] for effect in admin.get("/v1/effects").json["items"]] == [doubtful]


@pytest.mark.parametrize(("outcome", "state"), [("sent", "done"), ("not_sent", "failed")])
def test_settling_an_effect_wakes_its_step(
    admin: Api, user: Person, make_job: Callable[..., str], hold: Callable[[str, str], None], outcome: str, state: str
) -> None:
    """A person's word settles the effect, and the step that waited for it goes on."""
    job = make_job()
    hold(job, "review")
    effect = rows.effect(user.org_id, job)
    answer = admin.post(f"/v1/effects/{effect}/resolve", {"outcome": outcome, "receipt": {"url": "https://x.example/1"}})
    assert (answer.status_code, answer.json["state"]) == (200, state)
    assert admin.get(f"/v1/jobs/{job}").json["steps"][0]["state"] == "ready"


def test_an_effect_is_settled_once(admin: Api, user: Person, make_job: Callable[..., str]) -> None:
    """What is not in doubt cannot be settled by hand."""
    effect = rows.effect(user.org_id, make_job(), state="done")
    assert admin.post(f"/v1/effects/{effect}/resolve", {"outcome": "sent"}).status_code == 409


@pytest.mark.parametrize("receipt", [{"url": "javascript:alert(1)"}, {"vendor_post_id": {"id": 1}}])
def test_a_receipt_that_is_no_receipt_is_refused(
    admin: Api, user: Person, make_job: Callable[..., str], receipt: dict[str, object]
) -> None:
    """What a person enters becomes a link in the pages and the post's id: it must be able to be one."""
    effect = rows.effect(user.org_id, make_job())
    answer = admin.post(f"/v1/effects/{effect}/resolve", {"outcome": "sent", "receipt": receipt})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/receipt/{next(iter(receipt))}")
