"""Assets, their versions, and the stored files behind them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import NOW, Base, Created, Id, Json, OrgId


class Asset(Base):
    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint("kind IN ('image','audio','video','document')", name="kind"),
        UniqueConstraint("org_id", "id"),
        in_org("campaigns", "campaign_id"),
        in_org("concepts", "concept_id"),
        Index("ix_assets_listing", "org_id", text("created_at DESC"), text("id DESC"), postgresql_where=text("deleted_at IS NULL")),
        Index(None, "org_id", "campaign_id"),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID | None]
    concept_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    role: Mapped[str | None]  # image, voice, video-9x16, video-16x9, logo ...
    name: Mapped[str]
    tags: Mapped[Json]
    version: Mapped[int] = mapped_column(server_default=text("1"))  # the current one
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    job_id: Mapped[uuid.UUID | None]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
    deleted_at: Mapped[datetime | None]


class AssetVersion(Base):
    __tablename__ = "asset_versions"
    __table_args__ = (in_org("assets", "asset_id"), UniqueConstraint("asset_id", "number"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    asset_id: Mapped[uuid.UUID]
    number: Mapped[int]
    storage_key: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_seconds: Mapped[float | None]
    facts: Mapped[Json]  # prompt, seed, codec, alignment ...
    created_at: Mapped[Created]


class StoredFile(Base):
    """A blob in the store. Uncommitted ones past their hour are orphans of a lost step and are removed."""

    __tablename__ = "stored_files"
    __table_args__ = (
        UniqueConstraint("org_id", "key"),
        Index("ix_stored_files_orphans", "created_at", postgresql_where=text("committed_at IS NULL")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    key: Mapped[str]  # org/job/step/attempt/name, or org/uploads/...
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    media_type: Mapped[str]
    job_id: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
    committed_at: Mapped[datetime | None]
