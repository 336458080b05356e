"""Row-level security: who sees, and who may change, which rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, text
from sqlalchemy.exc import ProgrammingError

from models import Base, Organization
from models.session import APP_ROLE, ENGINE_ROLE, engine, engine_session, org_session

TABLES = [table for table in Base.metadata.sorted_tables if "org_id" in table.c]
APPEND_ONLY = ("job_events", "job_logs", "cost_entries", "audit_entries", "experiment_versions", "experiment_decisions")

# One value a column type; enough for every NOT NULL column without a default.
SAMPLES = {"UUID": uuid.uuid4, "TEXT": lambda: uuid.uuid4().hex, "INTEGER": lambda: 1, "BIGINT": lambda: 1, "NUMERIC": lambda: 1}
ALLOWED = {
    ("memberships", "role"): "member",
    ("campaigns", "approval"): "auto",
    ("assets", "kind"): "image",
    ("effects", "class"): "repeatable",
    ("audit_entries", "outcome"): "done",
    ("job_steps", "state"): "blocked",
    ("schedules", "cron"): "* * * * *",
    ("events", "kind"): "conversion",
    ("events", "occurred_at"): datetime.now(UTC),
    ("identity_keys", "kind"): "user",
    ("daily_metrics", "date"): "2026-01-01",
    ("attribution_runs", "result"): {},
}


def sample(table: Table, org_id: uuid.UUID) -> dict[str, Any]:
    """A row that the table takes, made without its foreign rows."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if (table.name, column.name) in ALLOWED:
            row[column.name] = ALLOWED[(table.name, column.name)]
        elif column.name == "org_id":
            row["org_id"] = org_id
        elif not column.nullable and column.server_default is None and column.identity is None:
            kind = str(column.type).split("(")[0]
            row[column.name] = SAMPLES[kind]() if kind in SAMPLES else None
            if "TIMESTAMP" in kind:
                row[column.name] = "2026-01-01T00:00:00Z"
    return row


@pytest.fixture
def two(make_organization: Callable[..., Organization]) -> tuple[uuid.UUID, uuid.UUID]:
    """Two organisations with a row in every tenant table each; foreign keys are not looked at."""
    one, other = make_organization("One").id, make_organization("Other").id
    with engine().begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in TABLES:
            for org_id in (one, other):
                connection.execute(table.insert().values(sample(table, org_id)))
    return one, other


def count(session: Any, table: Table) -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one())


def test_without_an_organisation_there_are_no_rows(two: tuple[uuid.UUID, uuid.UUID]) -> None:
    """A transaction that names no organisation sees nothing, in any tenant table; the owner sees that rows are there."""
    everything = [*TABLES, Base.metadata.tables["organizations"], Base.metadata.tables["users"]]
    with org_session(None) as session:
        assert {table.name: count(session, table) for table in everything} == {table.name: 0 for table in everything}
    with engine_session() as session:
        assert all(count(session, table) >= 2 for table in TABLES)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_another_organisation_s_rows_are_invisible(two: tuple[uuid.UUID, uuid.UUID], table: Table) -> None:
    """Reading, changing and deleting reach one's own rows only."""
    one, other = two
    with org_session(one) as session:
        assert session.execute(text(f"SELECT DISTINCT org_id FROM {table.name}")).scalars().all() == [one]
        if table.name not in APPEND_ONLY:
            touched = session.execute(text(f"UPDATE {table.name} SET org_id = org_id WHERE org_id = :other"), {"other": other})
            assert touched.rowcount == 0  # type: ignore[attr-defined]
            gone = session.execute(text(f"DELETE FROM {table.name} WHERE org_id = :other"), {"other": other})
            assert gone.rowcount == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_for_another_organisation_are_refused(two: tuple[uuid.UUID, uuid.UUID], table: Table) -> None:
    """Neither an insert nor a change of org_id puts a row into somebody else's hands."""
    one, other = two
    with pytest.raises(ProgrammingError, match="row-level security"), org_session(one) as session:
        session.execute(table.insert().values(sample(table, other)))
    if table.name not in APPEND_ONLY:
        with pytest.raises(ProgrammingError, match="row-level security"), org_session(one) as session:
            session.execute(text(f"UPDATE {table.name} SET org_id = :other"), {"other": other})


def test_every_table_with_an_organisation_is_protected(database_url: str) -> None:
    """A table that is added without a policy is found here."""
    find = """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
          AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant'))
    """
    with engine_session() as session:
        assert session.execute(text(find)).scalars().all() == []


@pytest.mark.parametrize("role", [APP_ROLE, ENGINE_ROLE])
def test_the_roles_cannot_bypass(database_url: str, role: str) -> None:
    """Neither role is a superuser, may bypass row security, log in, or owns a lasting table (owners bypass)."""
    with engine_session() as session:
        row = session.execute(text("SELECT * FROM pg_roles WHERE rolname = :role"), {"role": role}).one()
        lasting = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = :role AND relpersistence <> 't'"
        owned = session.execute(text(lasting), {"role": role}).scalar_one()
    assert (row.rolsuper, row.rolbypassrls, row.rolcanlogin, row.rolcreaterole, owned) == (False, False, False, False, 0)


def test_the_sessions_run_under_the_roles(database_url: str) -> None:
    """Each transaction drops the login's rights first."""
    with org_session(uuid.uuid4()) as session:
        assert session.execute(text("SELECT current_user")).scalar_one() == APP_ROLE
    with engine_session() as session:
        assert session.execute(text("SELECT current_user")).scalar_one() == ENGINE_ROLE


def test_an_organisation_does_not_outlive_its_transaction(two: tuple[uuid.UUID, uuid.UUID]) -> None:
    """A pooled connection that served one organisation starts the next transaction without any."""
    for org_id in two:
        with org_session(org_id) as session:
            assert session.execute(text("SELECT count(*) FROM organizations")).scalar_one() == 1
    with org_session(None) as session:
        assert session.execute(text("SELECT count(*) FROM organizations")).scalar_one() == 0


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET org_id = org_id", "DELETE FROM {}"])
def test_what_is_appended_stays(two: tuple[uuid.UUID, uuid.UUID], table: str, change: str) -> None:
    """The application can add to these tables and never change or remove what is there."""
    with pytest.raises(ProgrammingError, match="permission denied"), org_session(two[0]) as session:
        session.execute(text(change.format(table)))


def test_foreign_keys_carry_the_organisation(database_url: str) -> None:
    """A tenant row can only point at rows of its own organisation: the key has org_id in it."""
    tenants = {table.name for table in TABLES}
    bare = [
        f"{table.name}.{key.column_keys}"
        for table in TABLES
        for key in table.foreign_key_constraints
        if key.referred_table.name in tenants and "org_id" not in key.column_keys
    ]
    assert bare == []


def test_a_row_of_another_organisation_cannot_be_pointed_at(two: tuple[uuid.UUID, uuid.UUID]) -> None:
    """A brief for somebody else's campaign is refused by the foreign key itself."""
    one, other = two
    with engine_session() as session:
        theirs = session.execute(text("SELECT id FROM campaigns WHERE org_id = :org"), {"org": other}).scalar_one()
    with pytest.raises(Exception, match="fk_jobs_org_id_campaign_id"), org_session(one) as session:
        session.execute(
            text("INSERT INTO jobs (id, org_id, kind, campaign_id) VALUES (gen_random_uuid(), :org, 'k', :campaign)"),
            {"org": one, "campaign": theirs},
        )
