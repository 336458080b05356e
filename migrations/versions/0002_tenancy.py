"""Roles, grants and row-level security.

Three roles: the owner (the login of DATABASE_URL) migrates; drumbeat_engine dispatches over all
organisations; drumbeat_app sees the one named by `app.org`, and nothing when none is named. Neither of
the two can log in, owns anything, or may bypass row security; sessions drop to them with SET LOCAL ROLE.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

from migrations.protection import CURRENT_ORG, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "memberships",
    "refresh_tokens",
    "oauth_states",
    "connections",
    "campaigns",
    "site_pages",
    "brands",
    "competitors",
    "briefs",
    "concepts",
    "assets",
    "asset_versions",
    "stored_files",
    "posts",
    "jobs",
    "job_steps",
    "job_events",
    "job_logs",
    "effects",
    "cost_entries",
    "vendor_gates",
    "schedules",
    "audit_entries",
)
APPEND_ONLY = ("job_events", "job_logs", "cost_entries", "audit_entries")
SHARED_READABLE = ("workers", "revoked_tokens")

ROLES = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['drumbeat_app', 'drumbeat_engine'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this cluster was migrated at the same moment
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', wanted);
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute(ROLES)
    for table in TENANT_TABLES:
        protect(table)
    protect("organizations", f"id = {CURRENT_ORG}")
    protect("users", f"EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id AND m.org_id = {CURRENT_ORG})")
    op.execute("REVOKE INSERT, DELETE ON users, organizations FROM drumbeat_app")
    for table in SHARED_READABLE:
        op.execute(f"GRANT SELECT ON {table} TO drumbeat_app")
        op.execute(f"GRANT ALL ON {table} TO drumbeat_engine")
    for table in APPEND_ONLY:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM drumbeat_app")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO drumbeat_app, drumbeat_engine")
    # Rows of these two change several times in their life: room on the page keeps updates off the indexes.
    op.execute("ALTER TABLE job_steps SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02)")
    op.execute("ALTER TABLE jobs SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    for table in (*TENANT_TABLES, "organizations", "users"):
        op.execute(f"DROP POLICY tenant ON {table}")
        op.execute(f"DROP POLICY engine ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM drumbeat_app, drumbeat_engine")
    op.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM drumbeat_app, drumbeat_engine")
