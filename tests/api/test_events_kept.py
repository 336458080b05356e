"""Events as they were kept, read over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api

NOW = datetime.now(UTC)


def sent(api: Api, *events: dict[str, Any]) -> None:
    """The first one newest."""
    plain = {"kind": "touchpoint", "name": "page_view", "channel": "x"}
    body = [{**plain, "event_id": f"e{n}", "occurred_at": (NOW - timedelta(hours=n)).isoformat()} | event for n, event in enumerate(events)]
    assert api.post("/v1/events", {"events": body}).json["accepted"] == len(events)


def ids(api: Api, query: str = "") -> list[str]:
    return [event["event_id"] for event in api.get(f"/v1/events{query}").json["items"]]


def test_the_newest_first_page_by_page(member: Api, stranger: Api) -> None:
    """Every event once, also where several happened at one moment and their ids are long; none of another organisation."""
    long = "é" * 199
    sent(member, {}, *({"event_id": f"{n}{long}", "occurred_at": NOW.isoformat()} for n in range(5)), {"event_id": "last"})
    seen, cursor = [], ""
    while True:
        answer = member.get(f"/v1/events?limit=2{cursor}").json
        seen += [event["event_id"] for event in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert len(seen) == len(set(seen)) == 7
    assert (seen[0][0], seen[-1]) == ("e", "last")
    assert ids(stranger) == []


def test_filters(member: Api) -> None:
    """By kind, name, channel, id and time; several at once narrow."""
    bought = {"kind": "conversion", "name": "purchase", "channel": None, "value": "9.50", "currency": "EUR"}
    sent(member, {}, bought, {"channel": "email"}, {"name": "click"})
    assert ids(member, "?kind=conversion") == ["e1"]
    assert ids(member, "?channel=x&kind=touchpoint&name=click") == ["e3"]
    assert ids(member, "?event_id=e2") == ["e2"]
    since, until = ((NOW - timedelta(hours=n, minutes=30)).isoformat().replace("+", "%2B") for n in (2, 0))
    assert ids(member, f"?since={since}&until={until}") == ["e1", "e2"]
    one = member.get("/v1/events?kind=conversion").json["items"][0]
    assert (one["value"], one["currency"], one["channel"], one["person"]) == ("9.500000", "EUR", None, None)


def test_a_person_under_every_key(member: Api) -> None:
    """Whoever is asked for by one key has the events of all of them, also those from before the keys met."""
    keys = (
        {"anonymous_id": "b1"},
        {"user_id": "ada"},
        {"anonymous_id": "b1", "user_id": "ada", "email": "ada@x.example"},
        {"user_id": "bob"},
    )
    sent(member, *keys)
    for query in ("anonymous_id=b1", "user_id=ada", "email=ADA@x.example"):
        found = member.get(f"/v1/events?{query}").json["items"]
        assert [event["event_id"] for event in found] == ["e0", "e1", "e2"]
        assert len({event["person"] for event in found}) == 1
    assert ids(member, "?user_id=ada&anonymous_id=unknown") == []


@pytest.mark.parametrize("query", ["cursor=x", "cursor=MjAyNi0xMS0yNVQwMDowMDowMCswMDowMHwA", "since=yesterday", "kind=sale", "limit=0"])
def test_faulty_queries(member: Api, query: str) -> None:
    """Each answered 422 with its pointer."""
    answer = member.get(f"/v1/events?{query}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/query/{query.partition('=')[0]}")


def test_a_nul_in_a_filter_is_no_fault_of_ours(member: Api) -> None:
    """PostgreSQL knows no such text, so nothing can have it."""
    assert member.get("/v1/events?name=%00").status_code < 500
