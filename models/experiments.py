"""Experiments: what they compare, how units were split in each version, who saw what, and what a bandit decided."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.access import in_org
from models.base import NOW, Base, Created, Id, Json, JsonList, OrgId

EXPERIMENT_KINDS = ("ab", "bandit", "holdout")
EXPERIMENT_STATES = ("draft", "running", "stopped", "archived")


class Experiment(Base):
    """draft → running → stopped → archived. The JSON columns have the forms of `pipelines.experiments.design`."""

    __tablename__ = "experiments"
    __table_args__ = (
        CheckConstraint(f"kind IN {EXPERIMENT_KINDS}", name="kind"),
        CheckConstraint(f"state IN {EXPERIMENT_STATES}", name="state"),
        CheckConstraint("source IN ('assign','touchpoints')", name="source"),
        UniqueConstraint("org_id", "id"),
        UniqueConstraint("org_id", "key"),
        in_org("campaigns", "campaign_id", outlives=True),
        in_org("experiments", "holdout_id", outlives=True),
        Index("ix_experiments_listing", "org_id", text("created_at DESC"), text("id DESC")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    key: Mapped[str]
    name: Mapped[str]
    hypothesis: Mapped[str] = mapped_column(server_default=text("''"))
    kind: Mapped[str] = mapped_column(server_default=text("'ab'"))
    state: Mapped[str] = mapped_column(server_default=text("'draft'"))
    source: Mapped[str] = mapped_column(server_default=text("'assign'"))  # touchpoints: seeing a post of the campaign is the exposure
    feature_key: Mapped[str]
    hash_attribute: Mapped[str] = mapped_column(server_default=text("'id'"))
    seed: Mapped[str]
    variants: Mapped[JsonList]  # the first is the control
    metrics: Mapped[JsonList]
    coverage: Mapped[float] = mapped_column(server_default=text("1"))
    condition: Mapped[Json]
    namespace: Mapped[dict[str, Any] | None]  # id, start, end
    holdout_id: Mapped[uuid.UUID | None]  # an experiment of kind holdout whose first variant is left out of this one
    plan: Mapped[Json]
    bandit: Mapped[Json]
    campaign_id: Mapped[uuid.UUID | None]
    schedule_id: Mapped[uuid.UUID | None]  # of a running bandit's updates
    version: Mapped[int] = mapped_column(server_default=text("0"))  # of its split; 0 before the start
    winner: Mapped[str | None]  # a variant's key: what everybody gets after the stop
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ExperimentVersion(Base):
    """One split of the units: `pieces` are [start, end, variant's index] on the line from 0 to 1. Append-only."""

    __tablename__ = "experiment_versions"
    __table_args__ = (in_org("experiments", "experiment_id"), UniqueConstraint("experiment_id", "number"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    experiment_id: Mapped[uuid.UUID]
    number: Mapped[int]
    pieces: Mapped[JsonList]
    weights: Mapped[JsonList]
    coverage: Mapped[float] = mapped_column(server_default=text("1"))
    reason: Mapped[str]
    at: Mapped[Created]


class ExperimentExposure(Base):
    """A unit's first sight of a variant. A unit with two rows crossed over when the split changed."""

    __tablename__ = "experiment_exposures"
    __table_args__ = (in_org("experiments", "experiment_id"),)
    experiment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    variant: Mapped[str] = mapped_column(primary_key=True)
    org_id: Mapped[OrgId]
    version: Mapped[int]
    first_at: Mapped[Created]


class ExperimentDecision(Base):
    """What an update looked at and what it changed, so that it can be worked out again. Append-only."""

    __tablename__ = "experiment_decisions"
    __table_args__ = (in_org("experiments", "experiment_id"), UniqueConstraint("experiment_id", "number"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    experiment_id: Mapped[uuid.UUID]
    number: Mapped[int]
    action: Mapped[str]  # updated, kept, stopped
    inputs: Mapped[Json]
    outcome: Mapped[Json]
    explanation: Mapped[str]
    job_id: Mapped[uuid.UUID | None]
    at: Mapped[Created]


class ClientKey(Base):
    """A public key by which browsers read an organisation's experiments and report exposures."""

    __tablename__ = "client_keys"
    __table_args__ = (UniqueConstraint("key"), UniqueConstraint("org_id", "id"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    name: Mapped[str]
    key: Mapped[str]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
    revoked_at: Mapped[datetime | None]
