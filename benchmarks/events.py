"""Events a second into Postgres: checked, stitched and counted once, beside a bare COPY of finished rows into the same table."""

from __future__ import annotations

import io
import json
import random
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2

from benchmarks.row import Row
from benchmarks.stack import BenchStack
from core.settings import get_settings
from tasks.event_intake import take_in
from tasks.event_rows import add_months

BATCHES = 12
BATCH = 10_000
WARM_UP = 2
PEOPLE = 20_000
DAYS = 25
_COLUMNS = "org_id, event_id, occurred_at, kind, name, identity_key_id, channel, value, currency, properties"


def rows() -> list[Row]:
    with BenchStack() as stack:
        batches = [json.dumps(list(_events(n))).encode() for n in range(WARM_UP + BATCHES)]
        for body in batches[:WARM_UP]:
            take_in(stack.org_id, json.loads(body))
        ours = _rate(lambda body: _taken(stack.org_id, body), batches[WARM_UP:])
        copies = [_as_copied(stack.org_id, json.loads(body)) for body in batches]
        with psycopg2.connect(get_settings().database_url) as connection:  # the owner: COPY is refused under row-level security
            for text in copies[:WARM_UP]:
                _copied(connection, text)
            peer = _rate(lambda text: _copied(connection, text), copies[WARM_UP:])
    return [Row("events", ours, peer, "events/s")]


def _events(batch: int) -> Iterator[dict[str, Any]]:
    """Nine page views to a purchase, a tenth of them known by account as well as by browser."""
    dice, now = random.Random(batch), datetime.now(UTC)
    for _ in range(BATCH):
        person, is_conversion = dice.randrange(PEOPLE), dice.random() < 0.1
        yield {
            "event_id": str(uuid.UUID(int=dice.getrandbits(128))),
            "kind": "conversion" if is_conversion else "touchpoint",
            "name": "purchase" if is_conversion else "page_view",
            "occurred_at": (now - timedelta(seconds=dice.randrange(DAYS * 86_400))).isoformat(),
            "anonymous_id": f"browser-{person}",
            **({"user_id": f"account-{person}"} if is_conversion else {}),
            **({"value": "49.90", "currency": "USD"} if is_conversion else {"channel": dice.choice(("x", "email", "google-ads"))}),
            "properties": {"path": f"/lamps/{dice.randrange(200)}"},
        }


def _rate(store: Any, batches: list[Any]) -> float:
    begun = time.monotonic()
    for batch in batches:
        store(batch)
    return len(batches) * BATCH / (time.monotonic() - begun)


def _taken(org_id: uuid.UUID, body: bytes) -> None:
    intake = take_in(org_id, json.loads(body))
    if intake.accepted != BATCH:
        raise RuntimeError(f"only {intake.accepted} of {BATCH} were new: {intake.rejected[:1]}")


def _as_copied(org_id: uuid.UUID, events: list[dict[str, Any]]) -> str:
    """The rows that the intake would write, ready for COPY, under new ids."""
    add_months(org_id, (datetime.fromisoformat(event["occurred_at"]) for event in events))
    lines = []
    for number, event in enumerate(events):
        value = [
            event.get("channel") or r"\N",
            event.get("value") or r"\N",
            event.get("currency") or r"\N",
            json.dumps(event["properties"]),
        ]
        lines.append(
            "\t".join([str(org_id), f"c-{event['event_id']}", event["occurred_at"], event["kind"], event["name"], str(number), *value])
        )
    return "\n".join(lines)


def _copied(connection: Any, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY events ({_COLUMNS}) FROM STDIN", io.StringIO(text))
    connection.commit()
