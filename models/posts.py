"""Posts on social networks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import NOW, Base, Created, Id, JsonList, OrgId

POST_STATES = ("draft", "awaiting_approval", "approved", "publishing", "published", "failed", "rejected", "needs_review")


class Post(Base):
    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint(f"state IN {POST_STATES}", name="state"),
        UniqueConstraint("org_id", "id"),
        UniqueConstraint("campaign_id", "concept_id", "channel", "run"),
        in_org("campaigns", "campaign_id"),
        in_org("concepts", "concept_id"),
        in_org("connections", "connection_id", outlives=True),
        Index("ix_posts_listing", "org_id", sql("created_at DESC"), sql("id DESC")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID | None]
    concept_id: Mapped[uuid.UUID | None]
    connection_id: Mapped[uuid.UUID | None]
    run: Mapped[str] = mapped_column(server_default=sql("''"))  # the job that wrote it: one post a concept, channel and run
    channel: Mapped[str]  # x, linkedin, ...
    text: Mapped[str]
    asset_ids: Mapped[JsonList]
    state: Mapped[str] = mapped_column(server_default=sql("'draft'"))
    due_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    vendor_post_id: Mapped[str | None]
    url: Mapped[str | None]
    error: Mapped[dict[str, Any] | None]
    simulated: Mapped[bool] = mapped_column(server_default=sql("false"))
    created_at: Mapped[Created]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
