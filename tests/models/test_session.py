"""Transactions: what commits, what rolls back, and what a lost database looks like."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.errors import Unavailable
from models.session import dispose, engine_session, engine_statement, org_session


def named(name: str) -> bool:
    return bool(engine_statement("SELECT 1 FROM organizations WHERE name = :name", {"name": name}))


def test_a_transaction_that_raises_leaves_nothing(database_url: str) -> None:
    """An error inside rolls everything back and goes on to the caller."""
    name = uuid.uuid4().hex

    def write_and_fail() -> None:
        with engine_session() as session:
            session.execute(text("INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), :name)"), {"name": name})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert not named(name)


def test_one_statement_is_its_own_transaction(database_url: str) -> None:
    """It commits at once under the engine's role, and answers its rows."""
    name = uuid.uuid4().hex
    rows = engine_statement(
        "INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), :name) RETURNING name, current_user AS role", {"name": name}
    )
    assert [(row.name, row.role) for row in rows] == [(name, "drumbeat_engine")]
    assert named(name)


def test_a_database_that_is_away_is_told_without_its_address(configure: Callable[..., None]) -> None:
    """Unavailable says what is wrong and when to try again, and shows no password."""
    dispose()
    configure(DATABASE_URL="postgresql://me:hush@127.0.0.1:1/none")
    try:
        with pytest.raises(Unavailable) as away, org_session(uuid.uuid4()):
            pass
        assert away.value.retry_after == 2
        assert "hush" not in away.value.detail
        with pytest.raises(Unavailable):
            engine_statement("SELECT 1", {})
    finally:
        dispose()


def test_times_are_utc(database_url: str) -> None:
    """Whatever the server's zone is, sessions read and write UTC."""
    with engine_session() as session:
        assert session.execute(text("SHOW timezone")).scalar_one() == "UTC"
