"""X's posts and timeline."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess


def me(x: Vendor) -> str:
    return str(x.get("/2/users/me").json()["data"]["id"])


def test_a_post_is_made_read_shown_and_deleted(x: Vendor) -> None:
    """One post through its whole life, seen by the API and by the public."""
    made = x.post("/2/tweets", json={"text": "Light worth keeping."})
    assert made.status_code == 201
    post_id = made.json()["data"]["id"]
    assert x.get(f"/2/tweets/{post_id}").json()["data"]["text"] == "Light worth keeping."
    assert "Light worth keeping." in x.get(f"/i/status/{post_id}").text
    assert x.ask("DELETE", f"/2/tweets/{post_id}").json() == {"data": {"deleted": True}}
    assert x.get(f"/2/tweets/{post_id}").status_code == 404
    assert x.get(f"/i/status/{post_id}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [{"text": "a", "idempotency_key": "1"}, {"text": 5}, {}, {"text": "a", "media": {"media_ids": ["12"]}}, {"text": "a", "media": {}}],
    ids=["unknown field", "number for text", "empty", "unknown media", "media without ids"],
)
def test_a_malformed_post_is_refused(x: Vendor, sandbox: SandboxProcess, body: dict[str, object]) -> None:
    """With X's problem object, and nothing is posted."""
    answer = x.post("/2/tweets", json=body)
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Request")
    assert sandbox.ledger(vendor="x") == []


@pytest.mark.parametrize(
    ("text", "status"),
    [("a" * 280, 201), ("a" * 281, 403), ("灯" * 140, 201), ("灯" * 141, 403), ("https://example.com/" + "x" * 400 + " " + "a" * 256, 201)],
    ids=["280", "281", "wide 140", "wide 141", "long link"],
)
def test_text_is_weighed(x: Vendor, text: str, status: int) -> None:
    """Wide characters count two, a link counts 23, and 280 is the limit."""
    assert x.post("/2/tweets", json={"text": text}).status_code == status


def test_the_same_text_twice_is_refused(x: Vendor, sandbox: SandboxProcess) -> None:
    """A duplicate is a 403 with X's own words, until a day has passed."""
    assert x.post("/2/tweets", json={"text": "Once"}).status_code == 201
    again = x.post("/2/tweets", json={"text": "Once"})
    assert (again.status_code, again.json()["detail"]) == (403, "You are not allowed to create a Tweet with duplicate content.")
    assert len(sandbox.ledger(vendor="x", kind="post")) == 1


def test_the_timeline_is_paged_newest_first(x: Vendor) -> None:
    """Pages follow each other by token and hold every post once."""
    for number in range(7):
        x.post("/2/tweets", json={"text": f"Post {number}"})
    first = x.get(f"/2/users/{me(x)}/tweets", params={"max_results": 5}).json()
    query = {"max_results": 5, "pagination_token": first["meta"]["next_token"]}
    second = x.get(f"/2/users/{me(x)}/tweets", params=query).json()
    assert [post["text"] for post in first["data"] + second["data"]] == [f"Post {n}" for n in range(6, -1, -1)]
    assert "next_token" not in second["meta"]


def test_an_unknown_query_parameter_is_refused(x: Vendor) -> None:
    """As X does."""
    assert x.get(f"/2/users/{me(x)}/tweets", params={"limit": 5}).status_code == 400


def test_posts_can_be_hidden_for_a_while(x: Vendor, sandbox: SandboxProcess) -> None:
    """A timeline that lags: the post is made, and shown only later."""
    x.post("/2/tweets", json={"text": "Slow to appear"})
    sandbox.fault(vendor="x", mode="hide", route="/users/.*/tweets$", seconds=30)
    assert x.get(f"/2/users/{me(x)}/tweets").json()["meta"]["result_count"] == 0
    sandbox.advance(31)
    assert x.get(f"/2/users/{me(x)}/tweets").json()["meta"]["result_count"] == 1


def test_the_rate_window_is_counted_and_enforced(x: Vendor) -> None:
    """75 calls of users/me in a quarter of an hour, told in the headers of each answer; then 429 with the reset."""
    answers = [x.get("/2/users/me") for _ in range(76)]
    assert [int(a.headers["x-rate-limit-remaining"]) for a in answers[:3]] == [74, 73, 72]
    assert [a.status_code for a in answers].count(200) == 75
    assert answers[-1].status_code == 429
    assert answers[-1].json() == {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
    assert int(answers[-1].headers["x-rate-limit-reset"]) > 0
