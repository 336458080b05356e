"""What left the building: effects with their receipts, the cost ledger, vendors' rate gates."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import Base, Created, Id, OrgId


class Effect(Base):
    """One outside effect. Written as intent before the call, given the vendor's receipt after it.

    state: intent (may have happened), done (receipt known), failed (known not to have happened),
    needs_review (nobody but a person can tell).
    """

    __tablename__ = "effects"
    __table_args__ = (
        CheckConstraint("class IN ('irreversible','repeatable')", name="class"),
        CheckConstraint("state IN ('intent','done','failed','needs_review')", name="state"),
        UniqueConstraint("org_id", "key"),
        UniqueConstraint("org_id", "id"),
        in_org("jobs", "job_id"),
        Index(None, "job_id"),
        Index("ix_effects_campaign_spend", "campaign_id", postgresql_where=text("campaign_id IS NOT NULL")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    job_id: Mapped[uuid.UUID]
    step: Mapped[str]
    campaign_id: Mapped[uuid.UUID | None]
    key: Mapped[str]  # what is done, never the attempt: post + account
    class_: Mapped[str] = mapped_column("class")
    vendor: Mapped[str]
    what: Mapped[str]  # for people: "post to X as @lumen"
    state: Mapped[str] = mapped_column(server_default=text("'intent'"))
    sends: Mapped[int] = mapped_column(server_default=text("0"))  # times a request may have left
    sent_at: Mapped[datetime | None]
    estimate: Mapped[Decimal] = mapped_column(Numeric(14, 6), server_default=text("0"))  # USD held while an intent
    maybe_billed: Mapped[bool] = mapped_column(server_default=text("false"))
    receipt: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None]


class CostEntry(Base):
    """Append-only ledger of paid calls, USD."""

    __tablename__ = "cost_entries"
    __table_args__ = (in_org("jobs", "job_id"), Index(None, "org_id", "campaign_id"), Index(None, "job_id"))
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID | None]
    job_id: Mapped[uuid.UUID]
    step: Mapped[str]
    effect_id: Mapped[uuid.UUID | None]
    vendor: Mapped[str]
    what: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 6))
    maybe_billed: Mapped[bool] = mapped_column(server_default=text("false"))  # the answer was lost; the vendor may have charged
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    at: Mapped[Created]


class VendorGate(Base):
    """A vendor's 'come back later', shared by all workers of all pools."""

    __tablename__ = "vendor_gates"
    org_id: Mapped[OrgId] = mapped_column(primary_key=True)
    vendor: Mapped[str] = mapped_column(primary_key=True)
    closed_until: Mapped[datetime]
