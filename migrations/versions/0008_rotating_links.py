"""Rotating links: the experiment whose variants a short link leads to.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tracked_links", sa.Column("experiment_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_tracked_links_org_id_experiment_id"),
        "tracked_links",
        "experiments",
        ["org_id", "experiment_id"],
        ["org_id", "id"],
        ondelete="SET NULL (experiment_id)",
    )


def downgrade() -> None:
    op.drop_column("tracked_links", "experiment_id")
