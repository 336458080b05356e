"""Taking events in: each counted once, however often it is sent; good ones kept while bad ones are told."""

from __future__ import annotations

import gc
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text

from models.session import org_session
from pipelines.analytics.events import BadEvent, CleanEvent, clean_events
from pipelines.analytics.identities import Key
from tasks.event_rows import add_months, line, store
from tasks.identities import Identity, stitch

MOST_EVENTS = 10_000

_KNOWN = """
SELECT clock_timestamp() AS now, o.currency,
       ARRAY(SELECT id::text FROM campaigns WHERE id = ANY(CAST(:campaigns AS uuid[]))) AS campaigns,
       (SELECT coalesce(json_object_agg(id, campaign_id), '{}') FROM posts WHERE id = ANY(CAST(:posts AS uuid[]))) AS posts
FROM organizations o WHERE o.id = :org
"""


@dataclass
class Intake:
    """What became of a batch. rejected: `{"index", "event_id", "errors": [{"pointer", "detail"}]}`, pointers from the batch on."""

    accepted: int = 0
    duplicates: int = 0
    without_identity: int = 0  # of the good ones: the person is unknown, or refused
    skewed: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def _uncollected() -> Iterator[None]:
    """A large batch is a hundred thousand objects without cycles; for every few thousand the collector would walk the whole process.

    Of several batches at once, the one that found the collector on turns it on again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_uncollected()
def take_in(org_id: uuid.UUID | str, raws: Sequence[Any], *, sent_at: datetime | None = None) -> Intake:
    """Check, stitch and store a batch. May run twice: an event id that is known already counts as a duplicate.

    sent_at: the sender's clock as it sent the batch; when that differs from ours, all its times are put right.
    """
    known = _known(org_id, raws)
    intake, events = Intake(), []
    skew = (sent_at - known.now).total_seconds() if sent_at else 0.0
    for index, event in enumerate(clean_events(raws, known.now, skew)):
        faults = event.faults if isinstance(event, BadEvent) else _foreign(event, known)
        if faults or isinstance(event, BadEvent):
            intake.rejected.append(_rejected(index, raws[index], faults))
        elif event.post_id and not event.campaign_id:
            events.append(event._replace(campaign_id=known.posts[event.post_id]))  # a post's figures are its campaign's
        else:
            events.append(event)
    _store(org_id, events, known, intake)
    return intake


def _known(org_id: uuid.UUID | str, raws: Sequence[Any]) -> Any:
    """The time, the organisation's currency, which of the campaigns and posts that are named are its own, and the posts' campaigns."""
    named = {name: sorted(_ids(raws, name)) for name in ("campaign_id", "post_id")}
    with org_session(org_id) as session:
        return session.execute(text(_KNOWN), {"org": org_id, "campaigns": named["campaign_id"], "posts": named["post_id"]}).one()


def _ids(raws: Iterable[Any], name: str) -> set[str]:
    found = set()
    for value in {raw[name] for raw in raws if isinstance(raw, dict) and isinstance(raw.get(name), str)}:
        try:
            found.add(str(uuid.UUID(value)))
        except ValueError:
            continue  # told as a fault of its event
    return found


def _foreign(event: CleanEvent, known: Any) -> list[dict[str, str]]:
    faults = []
    if event.campaign_id and event.campaign_id not in known.campaigns:
        faults.append({"pointer": "/campaign_id", "detail": "no such campaign"})
    if event.post_id and event.post_id not in known.posts:
        faults.append({"pointer": "/post_id", "detail": "no such post"})
    return faults


def _rejected(index: int, raw: Any, faults: list[dict[str, str]]) -> dict[str, Any]:
    event_id = raw.get("event_id") if isinstance(raw, dict) else None
    errors = [{**fault, "pointer": f"/events/{index}{fault['pointer']}"} for fault in faults]
    return {"index": index, "event_id": event_id if isinstance(event_id, str) and event_id.isprintable() else None, "errors": errors}


def _store(org_id: uuid.UUID | str, events: list[CleanEvent], known: Any, intake: Intake) -> None:
    if not events:
        return
    identities = stitch(
        org_id,
        {event.keys for event in events if event.keys},
        refused=_last_words(events, "refused"),
        granted=_last_words(events, "granted"),
    )
    once = {event.event_id: event for event in reversed(events)}
    lines = []
    for event in once.values():
        identity = _identity(event, identities)
        lines.append(line(event, identity, known.currency))
        intake.without_identity += identity is None
        intake.skewed += event.skew_seconds is not None
    add_months(org_id, (event.occurred_at for event in events))
    intake.accepted = store(org_id, lines, known.now)
    intake.duplicates = len(events) - intake.accepted


def _last_words(events: Iterable[CleanEvent], word: str) -> dict[Key, datetime]:
    """The keys whose latest event with a word about consent says this one, and when."""
    latest: dict[Key, tuple[datetime, str]] = {}
    for event in events:
        for key in event.keys if event.consent else ():
            if key not in latest or event.occurred_at >= latest[key][0]:
                latest[key] = event.occurred_at, event.consent or ""
    return {key: at for key, (at, said) in latest.items() if said == word}


def _identity(event: CleanEvent, identities: dict[Key, Identity]) -> int | None:
    """The key that is written down; of several the account's, as all of them lead to the same person. None for who refused."""
    if not event.keys or event.consent == "refused":
        return None
    if any([identities[key].refused_at for key in event.keys]):  # noqa: C419 - a generator costs twice as much
        return None
    return identities[max(event.keys) if len(event.keys) > 1 else event.keys[0]].id
