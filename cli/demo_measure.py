"""The demo's second half: the brand's past is sent in, measured, and held against its known truth. Over HTTP, as any client would."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from cli import output
from cli.client import Client
from cli.following import follow

SPEND_WEEKS = 8
BATCH = 5000
VISITORS = 4000
ASSIGNED_AT_ONCE = 1000
COUNTED_SECONDS = 20.0
FIT = {"name": "Demo market", "outcome_name": "revenue"}


class Past:
    """The sandbox's /history."""

    def __init__(self, sandbox_url: str) -> None:
        self._url = f"{sandbox_url}/history"

    def get(self, path: str) -> requests.Response:
        answer = requests.get(f"{self._url}/{path}", timeout=60)
        answer.raise_for_status()
        return answer

    def purchases(self, shown: dict[str, int]) -> list[dict[str, Any]]:
        answer = requests.post(f"{self._url}/purchases", json=shown, timeout=60)
        answer.raise_for_status()
        bought: list[dict[str, Any]] = answer.json()
        return bought


def measure(client: Client, sandbox_url: str) -> dict[str, Any]:
    """Performance, attribution, marketing mix, an experiment: what was found, and the truth beside it. May run again."""
    past = Past(sandbox_url)
    output.say("sending the brand's past: spend, touchpoints, purchases")
    client.upload("/v1/metrics/import", past.get(f"spend.csv?weeks={SPEND_WEEKS}").content, "spend.csv")
    events = past.get("events.json").json()
    send(client, [_event(event) for event in events])
    first, last = events[0]["at"][:10], events[-1]["at"][:10]
    truth = past.get("truth.json").json()
    return {
        "performance": client.get("/v1/analytics/performance", start=first, end=last, by="channel")["totals"],
        "attribution": _attribution(client, first, last, truth["people"]),
        "mix": _mix(client, past.get("weeks.json").json(), truth["market"]),
        "experiment": _experiment(client, past, truth["trial"]),
    }


def send(client: Client, events: Sequence[dict[str, Any]]) -> None:
    for batch in _batches(events, BATCH):
        client.post("/v1/events", {"events": batch})


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _event(event: dict[str, Any]) -> dict[str, Any]:
    told = {"event_id": event["id"], "kind": event["kind"], "name": event["name"], "occurred_at": event["at"]}
    more: dict[str, Any] = {name: event[name] for name in ("channel", "value", "currency") if name in event}
    return {**told, **more, "anonymous_id": event["person"]}


def _job(client: Client, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """The job's result; raises StepFailed's own words when it has none."""
    job = follow(client, client.post("/v1/jobs", {"kind": kind, "params": params}))
    if job["state"] != "succeeded":
        output.say(f"{kind} failed: {(job['error'] or {}).get('detail', job['state'])}")
        return {}
    result: dict[str, Any] = job["result"]
    return result


def _attribution(client: Client, first: str, last: str, truth: dict[str, Any]) -> dict[str, Any]:
    """Each model's share of conversions by channel, beside the share of what channels really added."""
    run = _job(client, "attribution.run", {"start": first, "end": last})
    if not run:
        return {}
    found = client.get("/v1/analytics/attribution", run_id=run["run_id"])
    return {"models": shares(found), "truth": truth["share"]}


def shares(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    """`{model: {channel: share of the attributed conversions}}`."""
    credited = {model: {row["label"]: row["conversions"][model] for row in found["rows"]} for model in found["models"]}
    return {model: {name: one / (sum(by.values()) or 1) for name, one in by.items()} for model, by in credited.items()}


def _mix(client: Client, weeks: list[dict[str, Any]], truth: dict[str, Any]) -> dict[str, Any]:
    """ROAS with intervals beside the true ones, and the best split of the last quarter's spend."""
    fit = _job(client, "mmm.fit", {**FIT, "rows": weeks})
    if not fit:
        return {}
    found = client.get(f"/v1/mmm-fits/{fit['fit_id']}")["results"]
    quarter = sum(one["current_spend"] for one in found["channels"]) * 13
    plan = _job(client, "mmm.optimise", {"fit_id": fit["fit_id"], "periods": 13, "total": round(quarter, 2)})
    roas = {one["name"]: {**one["roas"], "truth": truth["roas"][one["name"]]} for one in found["channels"]}
    return {"fit_id": fit["fit_id"], "verdict": found["verdict"], "roas": roas, "plan": plan}


def _experiment(client: Client, past: Past, truth: dict[str, Any]) -> dict[str, Any]:
    """Two forms of a page shown to visitors, their purchases, and the reading."""
    key = f"checkout-{secrets.token_hex(3)}"
    metric = {"key": "bought", "event": "purchase", "role": "primary", "type": "binomial"}
    wanted = {"key": key, "name": "A shorter checkout", "variants": [{"key": "long"}, {"key": "short"}], "metrics": [metric]}
    experiment = client.post("/v1/experiments", {**wanted, "hash_attribute": "id"})
    client.post(f"/v1/experiments/{experiment['id']}/start")
    shown: dict[str, int] = {}
    for batch in _batches([{"id": f"{key}-{n:05d}"} for n in range(VISITORS)], ASSIGNED_AT_ONCE):
        given = client.post(f"/v1/experiments/{experiment['id']}/assign", {"units": batch})["assignments"]
        shown |= {one["unit"]: int(one["variant"] == "short") for one in given}
    send(client, [_purchase(n, key, one) for n, one in enumerate(past.purchases(shown))])
    return {"id": experiment["id"], "truth": truth, **_results(client, experiment["id"])}


def _results(client: Client, experiment_id: str) -> dict[str, Any]:
    """Once all visitors are counted: exposures are written down a moment after they were answered."""
    deadline = time.monotonic() + COUNTED_SECONDS
    while True:
        found: dict[str, Any] = client.get(f"/v1/experiments/{experiment_id}/results")
        counted = sum(arm["units"] for arm in found["metrics"][0]["arms"])
        if counted >= VISITORS or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def _purchase(number: int, key: str, bought: dict[str, Any]) -> dict[str, Any]:
    at = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()  # after the exposure
    named = {"event_id": f"{key}-purchase-{number}", "kind": "conversion", "name": bought["name"], "occurred_at": at}
    return {**named, "anonymous_id": bought["person"], "value": bought["value"], "currency": bought["currency"]}
