"""Segments of renders, kept by the hash of what they show.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

from migrations.protection import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "render_segments",
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("last_used_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_render_segments_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "hash", name=op.f("pk_render_segments")),
    )
    op.create_index(op.f("ix_render_segments_last_used_at"), "render_segments", ["last_used_at"])
    protect("render_segments")


def downgrade() -> None:
    op.drop_table("render_segments")
