"""What people did: touchpoints and conversions, the keys they are known by, and how events come in from browsers.

Events and figures name campaigns and posts without a foreign key: they outlive what they are about, so that totals of
the past never change. The intake checks that what they name belongs to the organisation.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import NOW, Base, Created, Id, Json, JsonList, OrgId, Ref


class EventKey(Base):
    """Every event id ever taken in: unique without the partitions, whose unique keys would have to hold the time."""

    __tablename__ = "event_keys"
    org_id: Mapped[Ref] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]


class Event(Base):
    """A touchpoint or a conversion. Partitioned by month (UTC) in the schema `event_months`; no roles but the owner see into that."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("kind IN ('touchpoint','conversion')", name="kind"),
        Index("ix_events_person", "org_id", "identity_key_id", "occurred_at", postgresql_where=text("identity_key_id IS NOT NULL")),
        Index("ix_events_conversions", "org_id", "occurred_at", postgresql_where=text("kind = 'conversion'")),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )
    org_id: Mapped[Ref] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)  # corrected where the sender's clock was off
    event_id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    kind: Mapped[str]  # touchpoint, conversion
    name: Mapped[str]  # page_view, click, purchase ...
    identity_key_id: Mapped[int | None] = mapped_column(BigInteger)  # none for a person who refused analytics, or who is unknown
    channel: Mapped[str | None]
    campaign_id: Mapped[uuid.UUID | None]
    post_id: Mapped[uuid.UUID | None]
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    currency: Mapped[str | None]
    properties: Mapped[Json]  # utm, click_ids, url, referrer, content, and what the sender added
    skew_seconds: Mapped[float | None]  # how far the sender's clock was ahead, where it was noticed


class IdentityKey(Base):
    """A key that a person is known by. person_id is the id of one key of the person, the same in all of them: a flat union-find."""

    __tablename__ = "identity_keys"
    __table_args__ = (
        CheckConstraint("kind IN ('anonymous','user','email')", name="kind"),
        UniqueConstraint("org_id", "kind", "key"),
        Index(None, "org_id", "person_id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    org_id: Mapped[OrgId]
    kind: Mapped[str]
    key: Mapped[str]  # of an e-mail address: the SHA-256 of its trimmed lower-case form, hex
    person_id: Mapped[int] = mapped_column(BigInteger)
    refused_at: Mapped[datetime | None]  # the person refused analytics; the same in all of a person's keys
    created_at: Mapped[Created]


class WriteKey(Base):
    """What lets a site's pages send events. Public: it stands in the page, and is bound to the site's origins."""

    __tablename__ = "write_keys"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    name: Mapped[str]
    key: Mapped[str]
    origins: Mapped[JsonList]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]


class TrackedLink(Base):
    """A short address that counts a click and leads to `target`, or to the variant of its experiment that the visitor gets."""

    __tablename__ = "tracked_links"
    __table_args__ = (
        UniqueConstraint("code"),
        in_org("campaigns", "campaign_id", outlives=True),
        in_org("posts", "post_id", outlives=True),
        in_org("experiments", "experiment_id", outlives=True),
        Index("ix_tracked_links_listing", "org_id", text("created_at DESC"), text("id DESC")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    code: Mapped[str]
    target: Mapped[str]
    channel: Mapped[str]
    campaign_id: Mapped[uuid.UUID | None]
    post_id: Mapped[uuid.UUID | None]
    experiment_id: Mapped[uuid.UUID | None]  # whose variants hold the addresses that visitors are led to
    utm: Mapped[Json]
    clicks: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
