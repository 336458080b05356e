"""Rows that only workers make, put there for tests of the routes that show them."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from models import AttributionRun, Connection, CostEntry, Effect, Post
from models.session import engine_session
from pipelines.analytics.attribution.paths import Credit, paths_of
from pipelines.analytics.attribution.report import report


def add(row: Any) -> str:
    """Insert a row; its id."""
    with engine_session() as session:
        session.add(row)
        session.flush()
        return str(row.id)


def post(org_id: uuid.UUID, campaign_id: str | None = None, **changes: Any) -> str:
    values = {"channel": "x", "text": "Hear the drum.", "asset_ids": [], "state": "awaiting_approval", "run": uuid.uuid4().hex}
    return add(Post(org_id=org_id, campaign_id=uuid.UUID(campaign_id) if campaign_id else None, **(values | changes)))


def connection(org_id: uuid.UUID, **changes: Any) -> str:
    values = {"vendor": "x", "account_id": uuid.uuid4().hex, "account_name": "lumen", "access_token_encrypted": "…"}
    return add(Connection(org_id=org_id, **(values | changes)))


def effect(org_id: uuid.UUID, job_id: str, **changes: Any) -> str:
    values = {
        "step": "tune",
        "key": uuid.uuid4().hex,
        "class_": "irreversible",
        "vendor": "x",
        "what": "post to X",
        "state": "needs_review",
    }
    return add(Effect(org_id=org_id, job_id=uuid.UUID(job_id), **(values | changes)))


def cost(org_id: uuid.UUID, job_id: str, campaign_id: str, amount: str, **changes: Any) -> str:
    values = {"step": "tune", "vendor": "openrouter", "what": "a text", "simulated": True}
    return add(CostEntry(org_id=org_id, job_id=uuid.UUID(job_id), campaign_id=uuid.UUID(campaign_id), amount=amount, **(values | changes)))


def attribution_run(org_id: uuid.UUID, campaign: str = "(no campaign)") -> str:
    """Two paths by channel, one by campaign, with all that the job computes of them."""
    two = paths_of([(("x", "=email"), 3.0, 90.0, 1.0), (("x",), 1.0, 10.0, 4.0)], Credit(np.array([2.0, 2.0]), np.array([50.0, 50.0])))
    one = paths_of([((campaign,), 4.0, 100.0, 5.0)], Credit(np.array([4.0]), np.array([100.0])))
    by = {"channel": report(two, 1, 0.4, 0.4), "campaign": report(one, 1, 0.4, 0.4)}
    params = {"start": "2026-10-01", "end": "2026-10-31", "lookback_days": 30, "markov_order": 1}
    return add(AttributionRun(org_id=org_id, params=params, result={"currency": "EUR", "zone": "UTC", "by": by}))
