"""`attribution.run` from events in Postgres to a stored run, and the routes and pages that show it."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInput
from models import Organization
from models.session import org_session
from tasks import event_stream
from tasks.attribution_run import AttributionParams, walked
from tasks.event_intake import take_in
from tasks.market_history import market_history
from tests.tasks.conftest import Marketing
from worker.kinds import get_kind

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)
PARAMS: dict[str, Any] = {"start": "2026-10-10", "end": "2026-10-20"}


def event(hours: float, who: str | None, channel: str | None = None, value: str | None = None, **more: Any) -> dict[str, Any]:
    kind = {"kind": "conversion", "name": "purchase", "value": value} if value else {"kind": "touchpoint", "name": "visit"}
    known = {"anonymous_id": who} if who else {}
    return {
        "event_id": uuid.uuid4().hex,
        "occurred_at": (NOON + timedelta(hours=hours)).isoformat(),
        "channel": channel,
        **kind,
        **known,
        **more,
    }


# Ada comes by x, email and search and buys for 90; Ben's account is seen on two browsers; Cem does not buy; somebody does.
STORY = [
    event(0, "ada", "x"),
    event(1, "ada", "email"),
    event(2, "ada", "search"),
    event(3, "ada", value="90"),
    event(-200, "ben-phone", "x", user_id="ben"),
    event(5, "ben-desk", "email", user_id="ben"),
    event(6, "ben-desk", value="30"),
    event(1, "cem", "search"),
    event(4, None, value="7"),
    event(4, None, "email", value="3"),
    event(400, "ada", value="1000"),
    event(1, "ada", value="5", currency="JPY"),
]


@pytest.fixture
def told(organization: Organization) -> Organization:
    assert take_in(organization.id, STORY).accepted == len(STORY)
    return organization


def paths_by_name(paths: Any) -> dict[str, tuple[float, ...]]:
    figures = zip(paths.conversions, paths.revenue, paths.losses, strict=True)
    return {">".join(paths.path(n)): tuple(map(float, one)) for n, one in enumerate(figures)}


def walked_by_channel(organization: Organization, **changes: Any) -> Any:
    with org_session(organization.id) as session:
        found = session.get_one(Organization, organization.id)
        return walked(session, found, AttributionParams(**(PARAMS | changes)), lambda _: None)["channel"]


def test_channels_past_the_commonest_are_one(told: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names are sent, the models get a bounded number of them, and no conversion is lost."""
    whole = walked_by_channel(told)
    monkeypatch.setattr(event_stream, "MOST_LABELS", 2)
    few = walked_by_channel(told)
    assert (len(few.players), few.players[-1]) == (2, event_stream.OTHERS)
    assert (few.conversions.sum(), few.revenue.sum(), few.unassigned) == (whole.conversions.sum(), whole.revenue.sum(), whole.unassigned)


@pytest.mark.parametrize("chunk", [1, 3, 200_000])
def test_paths_of_the_story(told: Organization, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """Streamed in any pieces: persons are stitched, the window and the look-back hold, other money counts without its value."""
    monkeypatch.setattr(event_stream, "CHUNK_ROWS", chunk)
    paths = walked_by_channel(told)
    assert paths_by_name(paths) == {
        "x>email>search": (1, 90, 0),
        "x>email": (2, 30, 0),  # Ben, and Ada's purchase in yen
        "search": (0, 0, 1),
        "email": (1, 3, 0),
    }
    assert paths.unassigned == (1, 7)


def test_a_shorter_look_back(told: Organization) -> None:
    """Ben's first visit is eight days before."""
    assert paths_by_name(walked_by_channel(told, lookback_days=7))["email"] == (2, 33, 0)


def test_the_look_back_reaches_past_a_clock_change(organization: Organization) -> None:
    """Thirty days before the first half hour of April, Berlin's clocks stood an hour lower: what was seen then is not missed."""
    with org_session(organization.id) as session:
        session.get_one(Organization, organization.id).zone = "Europe/Berlin"
    bought = datetime(2026, 4, 1, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    touched = bought - timedelta(days=30) + timedelta(minutes=10)
    hours = [(moment - NOON).total_seconds() / 3600 for moment in (touched, bought)]
    assert take_in(organization.id, [event(hours[0], "dee", "x"), event(hours[1], "dee", value="9")]).accepted == 2
    assert paths_by_name(walked_by_channel(organization, start="2026-04-01", end="2026-04-02")) == {"x": (1, 9, 0)}


def test_only_some_conversions(told: Organization) -> None:
    """Named ones count; with none of that name everybody's walk was lost."""
    paths = walked_by_channel(told, conversions=["signup"])
    assert (paths.conversions.sum(), paths.losses.sum()) == (0, 3)


def test_another_organisation_has_no_paths(told: Organization, make_organization: Any) -> None:
    """The stream obeys row-level security."""
    assert len(walked_by_channel(make_organization("Other")).conversions) == 0


@pytest.mark.parametrize(
    "changes",
    [{"end": "2026-10-01"}, {"end": "2029-10-01"}, {"markov_order": 5}, {"first_share": 0.7, "last_share": 0.4}, {"lookback_days": 0}],
)
def test_params_that_cannot_be(changes: dict[str, Any]) -> None:
    """A fault at submission, not in the worker."""
    with pytest.raises(InvalidInput):
        get_kind("attribution.run").parse(PARAMS | changes)


def test_the_job_keeps_a_run(marketing: Marketing) -> None:
    """By real workers: totals in the job's result, seven models that sum to them, by channel and by campaign."""
    campaign = str(marketing.campaign())
    assert take_in(marketing.org_id, [*STORY, event(2, "ada", "x", campaign_id=campaign)]).accepted == len(STORY) + 1
    job = marketing.finished(marketing.submit("attribution.run", PARAMS))
    assert job["state"] == "succeeded", job["error"]
    assert (job["result"]["conversions"], job["result"]["revenue"]) == (4, 123)
    from models import AttributionRun

    with org_session(marketing.org_id) as session:
        run = session.get_one(AttributionRun, uuid.UUID(job["result"]["run_id"]))
    for by, unassigned in (("channel", 1), ("campaign", 2)):
        found = run.result["by"][by]
        assert len(found["models"]) == 7
        assert found["unassigned"]["conversions"] == unassigned
        for credit in found["models"].values():
            assert sum(credit["revenue"]) == pytest.approx(found["totals"]["revenue"])
    assert campaign in run.result["by"]["campaign"]["players"]


def test_without_conversions_the_job_says_so(marketing: Marketing) -> None:
    """A clear failure, and no empty run."""
    job = marketing.finished(marketing.submit("attribution.run", PARAMS))
    assert (job["state"], job["error"]["code"]) == ("failed", "invalid_input")
    assert "no conversions" in job["error"]["detail"]


def test_market_history_by_week(told: Organization) -> None:
    """Whole weeks only, channels with spend, revenue of the organisation's currency."""
    from tasks.daily_metrics import Figure, replace_figures

    with org_session(told.id) as session:
        days = [(date(2026, 10, 11), "x", 5), (date(2026, 10, 12), "x", 7), (date(2026, 10, 18), "email", 2), (date(2026, 10, 19), "x", 9)]
        rows = [Figure(day, channel, None, None, "USD", spend=amount) for day, channel, amount in days]  # type: ignore[arg-type]
        replace_figures(session, told.id, rows, source="import")
        found = market_history(session, told.id, date(2026, 10, 10), date(2026, 10, 24), outcome="conversions")
    assert (found.dates, found.channels, found.spend) == ([date(2026, 10, 12)], ["email", "x"], [[2.0, 7.0]])
    assert (found.outcome, found.currency) == ([5.0], "USD")


@pytest.mark.parametrize("grain", ["day", "week"])
def test_market_history_ends_before_today(told: Organization, grain: Any) -> None:
    """What is not over has not brought all it will: such days and weeks are left out, and a period of nothing else is refused."""
    today = datetime.now(UTC).date()
    with org_session(told.id) as session:
        found = market_history(session, told.id, today - timedelta(days=20), today + timedelta(days=30), grain=grain, outcome="conversions")
        assert found.dates[-1] + timedelta(days=6 if grain == "week" else 0) < today
        with pytest.raises(InvalidInput, match="that is over"):
            market_history(session, told.id, today, today + timedelta(days=30), grain=grain, outcome="conversions")


def test_market_history_of_mixed_money_is_refused(told: Organization) -> None:
    """A model of two currencies would be a model of nothing."""
    with pytest.raises(InvalidInput, match="JPY beside USD"), org_session(told.id) as session:
        market_history(session, told.id, date(2026, 10, 1), date(2026, 10, 31), grain="day")
