"""Marketing mix models: fits, plans and the channel budgets taken from them.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from migrations.protection import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("mmm_fits", "mmm_plans", "channel_budgets")
NOW = sa.text("clock_timestamp()")


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.UUID(), nullable=nullable)


def _text(name: str, default: str | None = None, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), server_default=sa.text(f"'{default}'") if default is not None else None, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, JSONB(), server_default=None if nullable else sa.text("'{}'::jsonb"), nullable=nullable)


def _time(name: str, *, now: bool = False) -> sa.Column[object]:
    return sa.Column(name, TIMESTAMP(timezone=True), server_default=NOW if now else None, nullable=not now)


def _simulated() -> sa.Column[object]:
    return sa.Column("simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _org(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f(f"fk_{table}_org_id"), ondelete="CASCADE")


def _points(table: str, column: str, other: str, *, outlives: bool = False) -> sa.ForeignKeyConstraint:
    name, ondelete = op.f(f"fk_{table}_org_id_{column}"), f"SET NULL ({column})" if outlives else "CASCADE"
    return sa.ForeignKeyConstraint(["org_id", column], [f"{other}.org_id", f"{other}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "mmm_fits",
        _id("id"),
        _id("org_id"),
        _id("campaign_id", nullable=True),
        _id("job_id", nullable=True),
        _text("name"),
        _text("request_hash"),
        _text("state", "running"),
        _json("request"),
        _json("market"),
        _json("results", nullable=True),
        _json("planner", nullable=True),
        _text("grade", nullable=True),
        _json("files"),
        _text("trace_key", nullable=True),
        _simulated(),
        _id("created_by", nullable=True),
        _time("created_at", now=True),
        _time("finished_at"),
        sa.CheckConstraint("state IN ('running', 'partial', 'complete')", name=op.f("ck_mmm_fits_state")),
        _org("mmm_fits"),
        _points("mmm_fits", "campaign_id", "campaigns", outlives=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mmm_fits")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_mmm_fits_org_id_id")),
    )
    op.create_index("ix_mmm_fits_listing", "mmm_fits", ["org_id", sa.text("created_at DESC"), sa.text("id DESC")])
    op.create_table(
        "mmm_plans",
        _id("id"),
        _id("org_id"),
        _id("fit_id"),
        _id("job_id", nullable=True),
        _text("name"),
        _json("request"),
        _json("result"),
        _simulated(),
        _id("created_by", nullable=True),
        _time("created_at", now=True),
        _org("mmm_plans"),
        _points("mmm_plans", "fit_id", "mmm_fits"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mmm_plans")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_mmm_plans_org_id_id")),
    )
    op.create_index("ix_mmm_plans_listing", "mmm_plans", ["org_id", sa.text("created_at DESC"), sa.text("id DESC")])
    op.create_index(op.f("ix_mmm_plans_org_id_fit_id"), "mmm_plans", ["org_id", "fit_id"])
    op.create_table(
        "channel_budgets",
        _id("id"),
        _id("org_id"),
        _id("campaign_id"),
        _text("channel"),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        _text("currency"),
        _id("plan_id", nullable=True),
        _time("updated_at", now=True),
        _org("channel_budgets"),
        _points("channel_budgets", "campaign_id", "campaigns"),
        _points("channel_budgets", "plan_id", "mmm_plans", outlives=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_budgets")),
        sa.UniqueConstraint("campaign_id", "channel", name=op.f("uq_channel_budgets_campaign_id_channel")),
    )
    for table in TABLES:
        protect(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
