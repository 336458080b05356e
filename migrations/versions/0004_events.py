"""Events, identities, spend and attribution.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.protection import protect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "event_keys",
    "events",
    "identity_keys",
    "write_keys",
    "tracked_links",
    "daily_metrics",
    "post_metrics",
    "attribution_runs",
)

# The runtime role owns nothing, and months must be there before their first event: this runs as the owner. A table is
# made beside its parent and then attached, which unlike CREATE TABLE ... PARTITION OF does not stop reads and writes.
ADD_MONTHS = """
CREATE FUNCTION add_event_months(first date, last date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE month date := date_trunc('month', first)::date; part text;
BEGIN
    IF last - first > 5000 THEN
        RAISE EXCEPTION 'more than 5000 days of partitions were asked for';
    END IF;
    PERFORM pg_advisory_xact_lock(727275);
    WHILE month <= last LOOP
        part := 'm' || to_char(month, 'YYYYMM');
        IF to_regclass('event_months.' || part) IS NULL THEN
            EXECUTE format('CREATE TABLE event_months.%I (LIKE public.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format('ALTER TABLE public.events ATTACH PARTITION event_months.%I FOR VALUES FROM (%L) TO (%L)', part,
                           month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
        END IF;
        month := (month + interval '1 month')::date;
    END LOOP;
END $$
"""

# A foreign key would be asked for each of millions of rows; an organisation is deleted once.
FORGET = """
CREATE FUNCTION forget_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM public.events WHERE org_id = OLD.id;
    DELETE FROM public.event_keys WHERE org_id = OLD.id;
    RETURN OLD;
END $$
"""


def upgrade() -> None:
    op.add_column("organizations", sa.Column("currency", sa.Text(), server_default=sa.text("'USD'"), nullable=False))
    op.add_column("organizations", sa.Column("zone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False))
    _events()
    _identities()
    _intake()
    _metrics()
    for table in TENANT_TABLES:
        protect(table)
    op.execute("GRANT USAGE ON SEQUENCE identity_keys_id_seq TO drumbeat_app, drumbeat_engine")
    op.execute("CREATE SCHEMA event_months")
    op.execute(ADD_MONTHS)
    op.execute("REVOKE EXECUTE ON FUNCTION add_event_months FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION add_event_months TO drumbeat_app, drumbeat_engine")
    op.execute("SELECT add_event_months((now() - interval '2 months')::date, (now() + interval '3 months')::date)")
    op.execute(FORGET)
    op.execute("REVOKE EXECUTE ON FUNCTION forget_events FROM PUBLIC")
    op.execute("CREATE TRIGGER forget_events AFTER DELETE ON organizations FOR EACH ROW EXECUTE FUNCTION forget_events()")


def _events() -> None:
    op.create_table(
        "event_keys",
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "event_id", name=op.f("pk_event_keys")),
    )
    op.create_table(
        "events",
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("occurred_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identity_key_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("campaign_id", sa.UUID(), nullable=True),
        sa.Column("post_id", sa.UUID(), nullable=True),
        sa.Column("value", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("skew_seconds", sa.Double(), nullable=True),
        sa.CheckConstraint("kind IN ('touchpoint','conversion')", name=op.f("ck_events_kind")),
        sa.PrimaryKeyConstraint("org_id", "occurred_at", "event_id", name=op.f("pk_events")),
        postgresql_partition_by="RANGE (occurred_at)",
    )
    op.create_index(
        "ix_events_person",
        "events",
        ["org_id", "identity_key_id", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("identity_key_id IS NOT NULL"),
    )
    op.create_index(
        "ix_events_conversions", "events", ["org_id", "occurred_at"], unique=False, postgresql_where=sa.text("kind = 'conversion'")
    )


def _identities() -> None:
    op.create_table(
        "identity_keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint("kind IN ('anonymous','user','email')", name=op.f("ck_identity_keys_kind")),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_identity_keys_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_keys")),
        sa.UniqueConstraint("org_id", "kind", "key", name=op.f("uq_identity_keys_org_id_kind_key")),
    )
    op.create_index(op.f("ix_identity_keys_org_id_person_id"), "identity_keys", ["org_id", "person_id"], unique=False)


def _intake() -> None:
    op.create_table(
        "write_keys",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("origins", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_write_keys_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_keys")),
        sa.UniqueConstraint("key", name=op.f("uq_write_keys_key")),
    )
    op.create_table(
        "tracked_links",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=True),
        sa.Column("post_id", sa.UUID(), nullable=True),
        sa.Column("utm", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("clicks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "campaign_id"],
            ["campaigns.org_id", "campaigns.id"],
            name=op.f("fk_tracked_links_org_id_campaign_id"),
            ondelete="SET NULL (campaign_id)",
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "post_id"], ["posts.org_id", "posts.id"], name=op.f("fk_tracked_links_org_id_post_id"), ondelete="SET NULL (post_id)"
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_tracked_links_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracked_links")),
        sa.UniqueConstraint("code", name=op.f("uq_tracked_links_code")),
    )
    listing = ["org_id", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")]
    op.create_index("ix_tracked_links_listing", "tracked_links", listing, unique=False)


def _metrics() -> None:
    op.create_table(
        "daily_metrics",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=True),
        sa.Column("post_id", sa.UUID(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("spend", sa.Numeric(precision=18, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("impressions", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("clicks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("simulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_daily_metrics_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_metrics")),
        sa.UniqueConstraint(
            "org_id",
            "date",
            "channel",
            "campaign_id",
            "post_id",
            "currency",
            "source",
            name="uq_daily_metrics_key",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "post_metrics",
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("post_id", sa.UUID(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("clicks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_post_metrics_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("org_id", "post_id", name=op.f("pk_post_metrics")),
    )
    op.create_table(
        "attribution_runs",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("org_id", sa.UUID(), nullable=False),
        sa.Column("job_id", sa.UUID(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organizations.id"], name=op.f("fk_attribution_runs_org_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_runs")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_attribution_runs_org_id_id")),
    )
    op.create_index("ix_attribution_runs_listing", "attribution_runs", ["org_id", sa.literal_column("created_at DESC")], unique=False)


def downgrade() -> None:
    op.execute("DROP TRIGGER forget_events ON organizations")
    op.execute("DROP FUNCTION forget_events")
    op.execute("DROP FUNCTION add_event_months")
    for table in reversed(TENANT_TABLES):
        op.drop_table(table)
    op.execute("DROP SCHEMA event_months")
    op.drop_column("organizations", "zone")
    op.drop_column("organizations", "currency")
