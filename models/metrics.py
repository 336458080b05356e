"""Figures by day, and attribution computed from events."""

from __future__ import annotations

import uuid
from datetime import date as day
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NOW, Base, Created, Id, Json, OrgId


class DailyMetrics(Base):
    """What a source said about one day. A later word of the same source about the same thing replaces the earlier one."""

    __tablename__ = "daily_metrics"
    __table_args__ = (
        UniqueConstraint(
            "org_id",
            "date",
            "channel",
            "campaign_id",
            "post_id",
            "currency",
            "source",
            name="uq_daily_metrics_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    date: Mapped[day]  # in the organisation's zone
    channel: Mapped[str]
    campaign_id: Mapped[uuid.UUID | None]
    post_id: Mapped[uuid.UUID | None]
    currency: Mapped[str]
    spend: Mapped[Decimal] = mapped_column(Numeric(18, 6), server_default=text("0"))
    impressions: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    clicks: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    source: Mapped[str]  # import, rollup
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)


class PostMetrics(Base):
    """A post's running totals as last read from its network: what grew since then belongs to the days in between."""

    __tablename__ = "post_metrics"
    org_id: Mapped[OrgId] = mapped_column(primary_key=True)
    post_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    impressions: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    clicks: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    detail: Mapped[Json]  # likes, replies ... as the network words them
    read_at: Mapped[datetime] = mapped_column(server_default=NOW)


class AttributionRun(Base):
    """One finished `attribution.run` and all it found."""

    __tablename__ = "attribution_runs"
    __table_args__ = (UniqueConstraint("org_id", "id"), Index("ix_attribution_runs_listing", "org_id", text("created_at DESC")))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    job_id: Mapped[uuid.UUID | None]
    params: Mapped[Json]
    result: Mapped[dict[str, Any]]
    created_at: Mapped[Created]
