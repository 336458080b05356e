"""The right to temporary tables, which taking in events needs: some hosts take it from everybody.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Who may not grant it gets a warning from Postgres, and a finding of `drumbeat doctor` where it is missing.
GRANT = """
DO $$ BEGIN
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO drumbeat_app', current_database());
END $$
"""


def upgrade() -> None:
    op.execute(GRANT)


def downgrade() -> None:
    op.execute(GRANT.replace("GRANT TEMPORARY", "REVOKE TEMPORARY").replace(" TO ", " FROM "))
