"""Who did what, and who was refused."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Json


class AuditEntry(Base):
    """Written in the transaction of the action itself, so that neither exists without the other."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("outcome IN ('done','denied','failed')", name="outcome"),
        Index("ix_audit_entries_listing", "org_id", text("id DESC")),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.id", ondelete="SET NULL"))
    user_id: Mapped[uuid.UUID | None]
    action: Mapped[str]  # the route's name: campaigns.create, auth.login ...
    subject: Mapped[str | None]
    outcome: Mapped[str]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]
    detail: Mapped[Json]
    at: Mapped[Created]
