"""/v1/mmm-fits and /v1/mmm-plans, and a campaign's channel budgets."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from api.mmm.plans import in_cents
from tests.api import mix
from tests.api.conftest import Api
from tests.people import Person


def test_fits_are_listed_without_their_results_and_shown_with_them(viewer: Api, user: Person) -> None:
    """The list is light; one fit holds its verdict and its figures."""
    fit = mix.fit(user.org_id)
    running = mix.fit(user.org_id, state="running", grade=None)
    listed = viewer.get("/v1/mmm-fits").json["items"]
    assert [row["id"] for row in listed] == [running, fit]
    assert "results" not in listed[0]
    assert [row["id"] for row in viewer.get("/v1/mmm-fits?state=complete").json["items"]] == [fit]
    assert viewer.get(f"/v1/mmm-fits/{fit}").json["results"]["verdict"]["grade"] == "weak"


def test_charts_are_plotly_figures_with_their_numbers(viewer: Api, user: Person) -> None:
    """Data and layout as Plotly takes them, and a table; a fit that is not done has none yet."""
    charts = viewer.get(f"/v1/mmm-fits/{mix.fit(user.org_id)}/figures").json["items"]
    assert {trace["type"] for chart in charts for trace in chart["figure"]["data"]} == {"scatter", "bar"}
    assert charts[1]["rows"][0] == ["2026-01-05", 5.0, 5.0, 5.0, 15.0]
    assert viewer.get(f"/v1/mmm-fits/{mix.fit(user.org_id, state='running')}/figures").status_code == 409


def test_scenarios_are_answered_at_once(viewer: Api, user: Person) -> None:
    """An amount is spread evenly, a list is taken period by period; the second is told against the first."""
    path = f"/v1/mmm-fits/{mix.fit(user.org_id)}/scenarios"
    plans = [{"name": "search", "spend": {"search": 40}}, {"name": "social", "spend": {"social": [10, 10, 10, 10]}}]
    first, second = viewer.post(path, {"periods": 4, "plans": plans}).json["items"]
    assert (first["spend"], second["spend"]) == (40, 40)
    assert second["outcome"]["mean"] == pytest.approx(first["outcome"]["mean"] / 2)
    assert second["difference"]["mean"] == pytest.approx(-first["outcome"]["mean"] / 2)
    assert second["difference"]["probability"] == 0


def test_scenarios_that_do_not_fit(viewer: Api, user: Person) -> None:
    """Every fault with its place."""
    plans = [{"name": "a", "spend": {"radio": 5}}, {"name": "b", "spend": {"search": [1, 2]}}]
    answer = viewer.post(f"/v1/mmm-fits/{mix.fit(user.org_id)}/scenarios", {"periods": 4, "plans": plans})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/plans/0/spend/radio", "/plans/1/spend/search"]


def test_a_plan_becomes_a_campaigns_channel_budgets(member: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """With one call, in the fit's currency, in cents that sum to the plan's total; a second call changes nothing."""
    campaign, fit = make_campaign(), mix.fit(user.org_id)
    plan = mix.plan(user.org_id, fit)
    assert [row["id"] for row in member.get(f"/v1/mmm-plans?fit_id={fit}").json["items"]] == [plan]
    for _ in range(2):
        assert member.post(f"/v1/mmm-plans/{plan}/apply", {"campaign_id": campaign}).status_code == 200
    budgets = member.get(f"/v1/campaigns/{campaign}/channel-budgets").json["items"]
    assert [(row["channel"], row["amount"], row["currency"], row["plan_id"]) for row in budgets] == [
        ("search", "33.33", "EUR", plan),
        ("social", "66.67", "EUR", plan),
    ]


def test_a_viewer_takes_no_plan(viewer: Api, user: Person, make_campaign: Callable[..., str]) -> None:
    """Budgets are changed by members."""
    plan = mix.plan(user.org_id, mix.fit(user.org_id))
    assert viewer.post(f"/v1/mmm-plans/{plan}/apply", {"campaign_id": make_campaign()}).status_code == 403


def test_a_plan_is_not_taken_for_another_organisations_campaign(stranger: Api, admin: Api, user: Person) -> None:
    """The campaign does not exist for those who are not its own."""
    plan = mix.plan(user.org_id, mix.fit(user.org_id))
    theirs = stranger.post("/v1/campaigns", {"name": "T", "domain": "t.example", "goal": "g", "channels": ["x"], "budget": "1"})
    assert admin.post(f"/v1/mmm-plans/{plan}/apply", {"campaign_id": theirs.json["id"]}).status_code == 404


def test_cents_go_where_most_was_cut() -> None:
    """Thirds of a hundred: the last cent goes to one of them, and the sum is a hundred."""
    cents = in_cents({"a": 100 / 3, "b": 100 / 3, "c": 100 / 3})
    assert sum(cents.values()) == Decimal(100)
    assert sorted(cents.values()) == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
