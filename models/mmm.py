"""Marketing mix models: fits, plans made from them, and the channel budgets that campaigns took from plans."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import NOW, Base, Created, Id, Json, OrgId

FIT_STATES = ("running", "partial", "complete")


class MmmFit(Base):
    """One request's fit. Its id follows from the organisation and the request, so the same request finds the same fit."""

    __tablename__ = "mmm_fits"
    __table_args__ = (
        CheckConstraint(f"state IN {FIT_STATES}", name="state"),
        UniqueConstraint("org_id", "id"),
        in_org("campaigns", "campaign_id", outlives=True),
        Index("ix_mmm_fits_listing", "org_id", text("created_at DESC"), text("id DESC")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID | None]
    job_id: Mapped[uuid.UUID | None]  # the latest that worked on it
    name: Mapped[str]
    request_hash: Mapped[str]  # of data, model, holdout and sampling
    state: Mapped[str] = mapped_column(server_default=text("'running'"))  # partial: cancelled, and its draws so far are kept
    request: Mapped[Json]  # model, holdout, sampling
    market: Mapped[Json]  # `pipelines.mmm.market.Market.as_dict`
    results: Mapped[dict[str, Any] | None]  # `pipelines.mmm.results`
    planner: Mapped[dict[str, Any] | None]  # `pipelines.mmm.planning.Planner.as_dict`
    grade: Mapped[str | None]  # trustworthy, weak, do not use
    files: Mapped[Json]  # ids of assets by what they are: trace, contributions, curves, roas
    trace_key: Mapped[str | None]  # stored NetCDF of a partial fit, for a warm start
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None]


class MmmPlan(Base):
    """What the optimiser found best for one wish."""

    __tablename__ = "mmm_plans"
    __table_args__ = (
        UniqueConstraint("org_id", "id"),
        in_org("mmm_fits", "fit_id"),
        Index("ix_mmm_plans_listing", "org_id", text("created_at DESC"), text("id DESC")),
        Index(None, "org_id", "fit_id"),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    fit_id: Mapped[uuid.UUID]
    job_id: Mapped[uuid.UUID | None]
    name: Mapped[str]
    request: Mapped[Json]
    result: Mapped[Json]  # `pipelines.mmm.optimiser.optimised`
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]


class ChannelBudget(Base):
    """What a campaign is to spend on one channel. plan_id: the plan it was taken from."""

    __tablename__ = "channel_budgets"
    __table_args__ = (
        UniqueConstraint("campaign_id", "channel"),
        in_org("campaigns", "campaign_id"),
        in_org("mmm_plans", "plan_id", outlives=True),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID]
    channel: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    currency: Mapped[str]
    plan_id: Mapped[uuid.UUID | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
