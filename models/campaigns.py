"""A campaign and what its steps learn and write: pages, brand, competitors, brief, concepts.

Every statement about a brand carries a source `{"url": ..., "quote": ...}`; see `pipelines`.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import NOW, Base, Created, Id, Json, JsonList, OrgId


class Campaign(Base):
    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("approval IN ('auto','required')", name="approval"),
        UniqueConstraint("org_id", "id"),
        Index("ix_campaigns_listing", "org_id", text("created_at DESC"), text("id DESC")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    name: Mapped[str]
    domain: Mapped[str]  # a host name or an http(s) URL
    goal: Mapped[str]
    channels: Mapped[JsonList]
    budget: Mapped[Decimal] = mapped_column(Numeric(14, 2))  # USD for paid calls
    approval: Mapped[str] = mapped_column(server_default=text("'auto'"))
    job_id: Mapped[uuid.UUID | None]  # the latest run; the campaign's state is read from it
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)


class SitePage(Base):
    __tablename__ = "site_pages"
    __table_args__ = (in_org("campaigns", "campaign_id"), UniqueConstraint("org_id", "id"), UniqueConstraint("campaign_id", "url"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID]
    url: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    facts: Mapped[Json]  # description, language, headings, images, links, colours, fonts, logo candidates
    fetched_at: Mapped[Created]


class Brand(Base):
    __tablename__ = "brands"
    __table_args__ = (in_org("campaigns", "campaign_id"), UniqueConstraint("campaign_id"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID]
    domain: Mapped[str]
    name: Mapped[str]
    dna: Mapped[Json]
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]


class Competitor(Base):
    __tablename__ = "competitors"
    __table_args__ = (in_org("campaigns", "campaign_id"), UniqueConstraint("campaign_id", "name"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID]
    name: Mapped[str]
    url: Mapped[str | None]
    findings: Mapped[Json]
    citations: Mapped[JsonList]
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]


class Brief(Base):
    __tablename__ = "briefs"
    __table_args__ = (in_org("campaigns", "campaign_id"), UniqueConstraint("campaign_id"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID]
    body: Mapped[Json]
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]


class Concept(Base):
    __tablename__ = "concepts"
    __table_args__ = (
        in_org("campaigns", "campaign_id"),
        UniqueConstraint("org_id", "id"),
        Index("uq_concepts_current", "campaign_id", "position", unique=True, postgresql_where=text("current")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    campaign_id: Mapped[uuid.UUID]
    position: Mapped[int]
    current: Mapped[bool] = mapped_column(server_default=text("true"))  # of the latest run; older ones stay under their assets and posts
    title: Mapped[str]
    body: Mapped[Json]
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
