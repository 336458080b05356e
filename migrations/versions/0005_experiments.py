"""Experiments, their versions, exposures and decisions.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.protection import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.UUID(), nullable=nullable)


def _text(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'") if default is not None else None, nullable=nullable)


def _json(name: str, default: str = "{}") -> sa.Column[object]:
    return sa.Column(name, JSONB(), server_default=sa.text(f"'{default}'::jsonb"), nullable=False)


def _time(name: str, *, now: bool = False) -> sa.Column[object]:
    return sa.Column(name, TIMESTAMP(timezone=True), server_default=NOW if now else None, nullable=not now)


def _org(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f(f"fk_{table}_org_id"), ondelete="CASCADE")


def _points(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_org_id_{column}")
    return sa.ForeignKeyConstraint(["org_id", column], [f"{other}.org_id", f"{other}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "experiments",
        _id("id"),
        _id("org_id"),
        _text("key"),
        _text("name"),
        _text("hypothesis", ""),
        _text("kind", "ab"),
        _text("state", "draft"),
        _text("source", "assign"),
        _text("feature_key"),
        _text("hash_attribute", "id"),
        _text("seed"),
        _json("variants", "[]"),
        _json("metrics", "[]"),
        sa.Column("coverage", sa.Float(), server_default=sa.text("1"), nullable=False),
        _json("condition"),
        sa.Column("namespace", JSONB(), nullable=True),
        _id("holdout_id", nullable=True),
        _json("plan"),
        _json("bandit"),
        _id("campaign_id", nullable=True),
        _id("schedule_id", nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _text("winner", nullable=True),
        _time("started_at"),
        _time("stopped_at"),
        _id("created_by", nullable=True),
        _time("created_at", now=True),
        _time("updated_at", now=True),
        sa.CheckConstraint("kind IN ('ab', 'bandit', 'holdout')", name=op.f("ck_experiments_kind")),
        sa.CheckConstraint("state IN ('draft', 'running', 'stopped', 'archived')", name=op.f("ck_experiments_state")),
        sa.CheckConstraint("source IN ('assign','touchpoints')", name=op.f("ck_experiments_source")),
        _org("experiments"),
        _points("experiments", "campaign_id", "campaigns", "SET NULL (campaign_id)"),
        _points("experiments", "holdout_id", "experiments", "SET NULL (holdout_id)"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_experiments_org_id_id")),
        sa.UniqueConstraint("org_id", "key", name=op.f("uq_experiments_org_id_key")),
    )
    op.create_index("ix_experiments_listing", "experiments", ["org_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")])
    op.create_table(
        "experiment_versions",
        _id("id"),
        _id("org_id"),
        _id("experiment_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _json("pieces", "[]"),
        _json("weights", "[]"),
        sa.Column("coverage", sa.Float(), server_default=sa.text("1"), nullable=False),
        _text("reason"),
        _time("at", now=True),
        _org("experiment_versions"),
        _points("experiment_versions", "experiment_id", "experiments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment_versions")),
        sa.UniqueConstraint("experiment_id", "number", name=op.f("uq_experiment_versions_experiment_id_number")),
    )
    op.create_table(
        "experiment_exposures",
        _id("experiment_id"),
        _text("unit"),
        _text("variant"),
        _id("org_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        _time("first_at", now=True),
        _org("experiment_exposures"),
        _points("experiment_exposures", "experiment_id", "experiments"),
        sa.PrimaryKeyConstraint("experiment_id", "unit", "variant", name=op.f("pk_experiment_exposures")),
    )
    op.create_table(
        "experiment_decisions",
        _id("id"),
        _id("org_id"),
        _id("experiment_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("action"),
        _json("inputs"),
        _json("outcome"),
        _text("explanation"),
        _id("job_id", nullable=True),
        _time("at", now=True),
        _org("experiment_decisions"),
        _points("experiment_decisions", "experiment_id", "experiments"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment_decisions")),
        sa.UniqueConstraint("experiment_id", "number", name=op.f("uq_experiment_decisions_experiment_id_number")),
    )
    op.create_table(
        "client_keys",
        _id("id"),
        _id("org_id"),
        _text("name"),
        _text("key"),
        _id("created_by", nullable=True),
        _time("created_at", now=True),
        _time("revoked_at"),
        _org("client_keys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_keys")),
        sa.UniqueConstraint("key", name=op.f("uq_client_keys_key")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_client_keys_org_id_id")),
    )
    protect("experiments")
    protect("experiment_versions", append_only=True)
    protect("experiment_exposures")
    protect("experiment_decisions", append_only=True)
    protect("client_keys")


def downgrade() -> None:
    for table in ("client_keys", "experiment_decisions", "experiment_exposures", "experiment_versions", "experiments"):
        op.drop_table(table)
