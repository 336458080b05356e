"""Row-level security of a tenant's table, the same for every migration that adds one."""

from __future__ import annotations

from alembic import op

CURRENT_ORG = "nullif(current_setting('app.org', true), '')::uuid"
OWN_ROWS = f"org_id = {CURRENT_ORG}"


def protect(table: str, mine: str = OWN_ROWS, *, append_only: bool = False) -> None:
    """`mine` says which rows drumbeat_app sees and writes; drumbeat_engine sees all of them.

    append_only: drumbeat_app may neither change nor delete rows.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO drumbeat_app USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"CREATE POLICY engine ON {table} TO drumbeat_engine USING (true) WITH CHECK (true)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO drumbeat_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO drumbeat_engine")
    if append_only:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM drumbeat_app")
