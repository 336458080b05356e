"""Events over HTTP: counted once, kept or told one by one, of nobody where somebody refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from models import Event, IdentityKey, Organization
from models.session import engine_session, org_session
from pipelines.analytics.identities import email_hash
from tasks.event_intake import take_in
from tests.api.conftest import Api

NOW = datetime.now(UTC)


def event(**changes: Any) -> dict[str, Any]:
    plain = {"event_id": uuid.uuid4().hex, "kind": "touchpoint", "name": "page_view", "occurred_at": NOW.isoformat(), "channel": "x"}
    return plain | changes


def send(api: Api, *events: Any, **more: Any) -> Any:
    return api.post("/v1/events", {"events": list(events), **more})


def stored(organization: Organization, **wanted: Any) -> list[Event]:
    with org_session(organization.id) as session:
        return list(session.execute(select(Event).filter_by(**wanted).order_by(Event.occurred_at)).scalars())


def person(organization: Organization, kind: str, key: str) -> IdentityKey:
    with org_session(organization.id) as session:
        return session.execute(select(IdentityKey).where(IdentityKey.kind == kind, IdentityKey.key == key)).scalar_one()


def test_an_event_counts_once(member: Api, organization: Organization) -> None:
    """Sent again, in the same batch or a later one, it is a duplicate; the first word stays."""
    one = event(name="first")
    assert send(member, one, one | {"name": "second"}).json | {"rejected": []} == {
        "accepted": 1, "duplicates": 1, "without_identity": 1, "skewed": 0, "rejected": []
    }  # fmt: skip
    assert send(member, one | {"occurred_at": (NOW - timedelta(days=40)).isoformat()}).json["duplicates"] == 1
    assert [row.name for row in stored(organization)] == ["first"]


def test_the_same_id_is_another_event_elsewhere(member: Api, stranger: Api) -> None:
    """Ids are the organisation's own."""
    one = event()
    assert [send(api, one).json["accepted"] for api in (member, stranger)] == [1, 1]


def test_bad_events_are_told_and_good_ones_kept(member: Api, organization: Organization) -> None:
    """Every fault of every bad event, each with its pointer."""
    bad = [
        event(kind="visit", occurred_at="yesterday"),
        event(value=-1, kind="conversion"),
        event(anonymous_id="undefined"),
        "no object",
        event(name="a\0b"),
        event(occurred_at=(NOW + timedelta(days=3)).isoformat()),
        event(surprise=1),
        event(properties={"deep": "x" * 20_000}),
    ]
    answer = send(member, event(), *bad, event()).json
    assert (answer["accepted"], [row["index"] for row in answer["rejected"]]) == (2, list(range(1, 9)))
    pointers = [[fault["pointer"] for fault in row["errors"]] for row in answer["rejected"]]
    assert pointers[0] == ["/events/1/kind", "/events/1/occurred_at"]
    assert [one[0].rpartition("/")[2] for one in pointers[1:]] == [
        "value", "anonymous_id", "4", "name", "occurred_at", "surprise", "properties"
    ]  # fmt: skip
    assert len(stored(organization)) == 2


def test_a_batch_of_only_bad_events_is_refused(member: Api) -> None:
    """422 with all faults, so that nobody takes silence for success."""
    answer = send(member, event(name=""))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/events/0/name")


@pytest.mark.parametrize("body", [[], {}, {"events": {}}, {"events": []}, {"events": [1] * 10_001}, {"events": [1], "sent": 1}], ids=repr)
def test_what_is_no_batch_is_refused(member: Api, body: Any) -> None:
    """Not a list, empty, too long, or with an unknown field beside the events."""
    assert member.post("/v1/events", body).status_code == 422


def test_ten_thousand_events_in_one_batch(member: Api, organization: Organization) -> None:
    """The largest batch is larger than other bodies may be, and goes in."""
    padding = {"note": "n" * 200}
    answer = send(member, *(event(event_id=f"bulk-{n}", properties=padding) for n in range(10_000)))
    assert answer.json["accepted"] == 10_000


def test_late_events_find_their_month(member: Api, organization: Organization) -> None:
    """Years old and out of order: each lies in the partition of its month, made when it is needed."""
    ages = [0, 400, 30, 3000]
    assert send(member, *(event(occurred_at=(NOW - timedelta(days=age)).isoformat()) for age in ages)).json["accepted"] == 4
    with engine_session() as session:
        query = text("SELECT tableoid::regclass::text, to_char(occurred_at, 'YYYYMM') FROM events WHERE org_id = :org")
        rows = session.execute(query, {"org": organization.id}).all()
    assert len(rows) == 4
    assert all(part == f"event_months.m{month}" for part, month in rows)


def test_a_clock_that_is_off_is_put_right(member: Api, organization: Organization) -> None:
    """By sent_at: an hour fast, so each event lies an hour earlier than it says; the skew is noted."""
    fast = datetime.now(UTC) + timedelta(hours=1)
    answer = send(member, event(occurred_at=(fast - timedelta(minutes=5)).isoformat()), sent_at=fast.isoformat())
    assert answer.json["skewed"] == 1
    [row] = stored(organization)
    assert abs(row.occurred_at - (fast - timedelta(minutes=65))) < timedelta(seconds=5)
    assert row.skew_seconds == pytest.approx(3600, abs=5)


def test_an_event_from_the_future_happened_now(member: Api, organization: Organization) -> None:
    """Without sent_at nothing else can be known."""
    ahead = datetime.now(UTC) + timedelta(hours=3)
    assert send(member, event(occurred_at=ahead.isoformat())).json["skewed"] == 1
    [row] = stored(organization)
    assert row.occurred_at == row.received_at
    assert row.skew_seconds == pytest.approx(10_800, abs=60)


@pytest.mark.parametrize(
    ("occurred_at", "sent_at"),
    [
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:00:00-12:00", None),
        ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
        ("9999-12-31T00:00:00Z", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_the_ends_of_the_calendar_are_refused(member: Api, occurred_at: str, sent_at: str | None) -> None:
    """Times that no arithmetic reaches are a fault of the event."""
    one = {"event_id": "e", "kind": "touchpoint", "name": "v", "occurred_at": occurred_at}
    answer = member.post("/v1/events", {"events": [one], "sent_at": sent_at})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/events/0/occurred_at")


def test_campaigns_and_posts_of_others_are_refused(member: Api, stranger: Api, make_campaign: Callable[..., str]) -> None:
    """A campaign of one's own is fine; another organisation's does not exist."""
    mine = event(campaign_id=make_campaign())
    assert send(member, mine).json["accepted"] == 1
    answer = send(stranger, mine | {"event_id": "n"}, event(post_id=str(uuid.uuid4())))
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/events/0/campaign_id", "/events/1/post_id"]


def test_keys_become_one_person(member: Api, organization: Organization) -> None:
    """A browser, an account and an address that events tie together are one person; another browser is not."""
    send(member, event(anonymous_id="b1"), event(anonymous_id="b2"), event(anonymous_id="b3"))
    send(member, event(anonymous_id="b1", user_id="u1"), event(anonymous_id="b2", email=" Ada@Lumen.Example "))
    send(member, event(user_id="u1", email="ada@lumen.example"))
    keys = [("anonymous", "b1"), ("anonymous", "b2"), ("user", "u1"), ("email", email_hash("ada@lumen.example"))]
    persons = {person(organization, *key).person_id for key in keys}
    assert len(persons) == 1
    assert person(organization, "anonymous", "b3").person_id not in persons


def test_an_address_is_kept_as_its_hash_only(member: Api, organization: Organization) -> None:
    """Nothing that is stored holds the address."""
    send(member, event(email="ada@lumen.example"))
    with engine_session() as session:
        rows = session.execute(
            text("SELECT e::text || k::text FROM events e, identity_keys k WHERE e.org_id = :org"), {"org": organization.id}
        )
        assert "lumen.example" not in "".join(rows.scalars())


def test_who_refused_is_counted_without_identity(member: Api, organization: Organization) -> None:
    """The refusal holds for all keys of the person and for later events, until it is granted again."""
    send(member, event(anonymous_id="b9", user_id="u9"))
    refusing = event(user_id="u9", consent="refused", click_ids={"gclid": "c"}, url="https://shop.example/a?mail=x")
    assert send(member, refusing).json["without_identity"] == 1
    assert send(member, event(anonymous_id="b9", name="later")).json["without_identity"] == 1
    assert send(member, event(anonymous_id="b9", consent="granted", name="again")).json["without_identity"] == 0
    by_name = {row.name: row for row in stored(organization)}
    assert by_name["later"].identity_key_id is None
    assert by_name["again"].identity_key_id is not None
    [refused] = [row for row in stored(organization) if row.event_id == refusing["event_id"]]
    assert refused.properties == {"url": "https://shop.example/a"}


def test_an_older_grant_does_not_undo_a_refusal(member: Api, organization: Organization) -> None:
    """What was said before the refusal and comes in after it, late or for a second time, is no answer to it; what is said later is."""
    hour = timedelta(hours=1)
    first = event(anonymous_id="g1", user_id="g", consent="granted", occurred_at=(NOW - 5 * hour).isoformat())
    assert send(member, first, event(user_id="g", consent="refused", occurred_at=(NOW - 4 * hour).isoformat())).status_code == 200
    queued = event(anonymous_id="g1", consent="granted", occurred_at=(NOW - 4.5 * hour).isoformat())
    for batch in ([first], [queued], [event(anonymous_id="g2", user_id="g")]):
        send(member, *batch)
        assert person(organization, "user", "g").refused_at == NOW - 4 * hour
    assert person(organization, "anonymous", "g2").refused_at == NOW - 4 * hour
    assert send(member, event(anonymous_id="g2", consent="granted", occurred_at=(NOW - 3 * hour).isoformat())).json["without_identity"] == 0
    assert person(organization, "user", "g").refused_at is None
    for hours in (2, 1):
        send(member, event(user_id="g", consent="refused", occurred_at=(NOW - hours * hour).isoformat()))
    send(member, event(user_id="g", consent="granted", occurred_at=(NOW - 1.5 * hour).isoformat()))
    assert person(organization, "user", "g").refused_at == NOW - hour


def test_a_refusal_survives_a_merge(member: Api, organization: Organization) -> None:
    """Whom somebody turns out to be has refused too."""
    send(member, event(anonymous_id="c1", consent="refused"), event(anonymous_id="c2"), event(anonymous_id="c3", user_id="v"))
    assert send(member, event(anonymous_id="c1", user_id="v")).json["without_identity"] == 1
    assert send(member, event(anonymous_id="c3")).json["without_identity"] == 1
    assert send(member, event(anonymous_id="c2")).json["without_identity"] == 0


def test_many_threads_make_one_person(member: Api, organization: Organization) -> None:
    """Pairs of neighbours from a chain, sent at once in any order: all keys end as one person, none lost, no deadlock."""
    pairs = [(f"k{n}", f"k{n + 1}") for n in range(48)]

    def link(n: int) -> int:
        one, other = pairs[(n * 29) % 48]
        return take_in(
            organization.id, [event(anonymous_id=one, user_id=f"u-{other}"), event(anonymous_id=other, user_id=f"u-{other}")]
        ).accepted

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(link, range(48))) == [2] * 48
    with org_session(organization.id) as session:
        persons = (
            session.execute(select(IdentityKey.person_id).where(IdentityKey.key.like("k%") | IdentityKey.key.like("u-k%"))).scalars().all()
        )
    assert (len(persons), len(set(persons))) == (49 + 48, 1)


def test_the_same_batch_from_many_at_once_counts_once(organization: Organization) -> None:
    """Senders that retry while the first try is still running double nothing, in whatever order their events are."""
    events = [event(event_id=f"once-{n}", anonymous_id=f"a{n % 7}") for n in range(60)]
    shuffled = [events[n:] + events[:n] for n in range(0, 60, 6)]
    with ThreadPoolExecutor(10) as pool:
        intakes = list(pool.map(lambda batch: take_in(organization.id, batch), shuffled))
    assert (sum(one.accepted for one in intakes), sum(one.duplicates for one in intakes)) == (60, 540)
    assert len(stored(organization)) == 60


def test_text_of_any_kind_is_kept_as_it_is(organization: Organization) -> None:
    """What means something to COPY, or to JSON, means nothing in an event."""
    odd = "a\tb\nc\rd\\N \\. \"q\" 'r' \u2028 ü 🎈 \\"
    deep: dict[str, Any] = {"in": odd}
    for _ in range(300):
        deep = {"in": deep}
    sent = [event(event_id=rf"\N{odd}", name=odd, channel=r"\N", properties={odd: [odd, 1.5, None]}), event(properties=deep)]
    assert take_in(organization.id, sent).accepted == 2
    by_id = {row.event_id: row for row in stored(organization)}
    first, nested = (by_id[one["event_id"]] for one in sent)
    assert (first.name, first.channel, first.properties) == (odd, r"\n", {odd: [odd, 1.5, None]})
    assert nested.properties == deep


def test_a_number_beyond_all_numbers_is_told(organization: Organization) -> None:
    """What a double cannot hold is a fault of that event, and the others are kept."""
    intake = take_in(organization.id, [event(properties={"a": {"b": float("inf")}}), event()])
    assert [fault["pointer"] for row in intake.rejected for fault in row["errors"]] == ["/events/0/properties/a/b"]
    assert intake.accepted == 1


def test_a_new_key_of_who_refused_has_refused(member: Api, organization: Organization) -> None:
    """A browser that is first seen with the account of somebody who refused counts as that person's at once."""
    send(member, event(user_id="u7", consent="refused"))
    assert send(member, event(anonymous_id="d1", user_id="u7")).json["without_identity"] == 1
    assert send(member, event(anonymous_id="d1")).json["without_identity"] == 1
    assert person(organization, "anonymous", "d1").person_id == person(organization, "user", "u7").person_id


def test_new_keys_of_one_batch_become_one_person(organization: Organization) -> None:
    """Chains among keys that nobody knew, and two known persons between whom a new key is the link."""
    take_in(organization.id, [event(anonymous_id="e1"), event(anonymous_id="e2"), event(anonymous_id="e9")])
    links = [("e1", "v1"), ("e2", "v1"), ("f1", "w1"), ("f2", "w1"), ("f2", "w2")]
    take_in(organization.id, [event(anonymous_id=browser, user_id=account) for browser, account in links])
    with org_session(organization.id) as session:
        rows = session.execute(select(IdentityKey.key, IdentityKey.person_id, IdentityKey.id)).all()
    persons = {row.key: row.person_id for row in rows}
    assert len({persons[key] for key in ("e1", "e2", "v1")}) == len({persons[key] for key in ("f1", "f2", "w1", "w2")}) == 1
    assert len(set(persons.values())) == 3
    assert set(persons.values()) <= {row.id for row in rows}


def test_what_came_in_is_gone_with_its_transaction(organization: Organization) -> None:
    """The temporary table through which events go holds nothing for the connection's next user."""
    take_in(organization.id, [event()])
    with org_session(organization.id) as session:
        assert session.execute(text("SELECT has_database_privilege(current_user, current_database(), 'TEMPORARY')")).scalar_one()
        if session.execute(text("SELECT to_regclass('pg_temp.incoming_events')")).scalar_one():
            assert session.execute(text("SELECT count(*) FROM pg_temp.incoming_events")).scalar_one() == 0


def test_channels_are_read_off_the_visit(member: Api, organization: Organization) -> None:
    """UTM before click id before referrer; a page of the same site brought nobody."""
    visits: dict[str | None, dict[str, Any]] = {
        "email": {"utm": {"source": "news", "medium": "email"}},
        "google-ads": {"click_ids": {"gclid": "1"}},
        "organic-search": {"referrer": "https://www.google.co.uk/", "url": "https://shop.example/"},
        "x": {"referrer": "https://t.co/abc"},
        "referral": {"referrer": "https://blog.example/post"},
        "direct": {},
        None: {"referrer": "https://www.shop.example/a", "url": "https://shop.example/b"},
    }
    send(member, *(event(event_id=str(name), channel=None) | visit for name, visit in visits.items()))
    assert {row.event_id: row.channel for row in stored(organization)} == {str(name): name for name in visits}


def test_a_sum_that_a_page_worked_out_is_kept(member: Api, organization: Organization) -> None:
    """0.1 + 0.2 is no fault of the shop's: a float is rounded, while a decimal as text must be exact."""
    bought = {"kind": "conversion", "name": "purchase"}
    assert send(member, event(**bought, value=0.1 + 0.2), event(**bought, value=1.1 * 3)).json["accepted"] == 2
    assert {row.value for row in stored(organization)} == {Decimal("0.3"), Decimal("3.3")}
    assert send(member, event(**bought, value="0.30000000000000004")).status_code == 422


def test_a_viewer_sends_nothing(viewer: Api) -> None:
    """Sending needs a member."""
    assert send(viewer, event()).status_code == 403
