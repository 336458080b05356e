"""Transactions, each under a role that cannot bypass row-level security.

    org_session(org)     drumbeat_app     sees one organisation's rows; without an organisation, none
    engine_session()     drumbeat_engine  dispatch, sweep and pre-login look-ups over all organisations
    engine_statement()   drumbeat_engine  one statement in one round trip, its own transaction

The roles are made by the first migration. The login role of DATABASE_URL is used by migrations only;
every transaction drops it with SET LOCAL ROLE before anything else.
"""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Row, TextClause, create_engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from core.errors import Unavailable
from core.settings import get_settings

APP_ROLE = "drumbeat_app"
ENGINE_ROLE = "drumbeat_engine"

_engines: dict[int, Engine] = {}  # by process id: a forked child must not talk on its parent's sockets


def engine() -> Engine:
    """This process's connection pool; a forked child gets its own."""
    pid = os.getpid()
    if pid not in _engines:
        _engines[pid] = connect(get_settings().database_url)
    return _engines[pid]


def connect(url: str) -> Engine:
    """A pool for a PostgreSQL URL, with DATABASE_SSL, UTC and a connect timeout applied."""
    settings = get_settings()
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1),
        pool_size=8,
        max_overflow=32,
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,  # an error's text must not carry token and password hashes into logs and jobs
        connect_args={
            "connect_timeout": 5,
            "application_name": f"drumbeat-{os.getpid()}",
            # A process that is stopped or cut off in a transaction gives its locks back: half a lease, so that the
            # sweep of the others is not held up by the one it is to replace.
            "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={int(settings.lease_seconds * 500)}",
            "keepalives_idle": 30,
            **({"sslmode": "require"} if settings.database_ssl else {}),
        },
    )


def dispose() -> None:
    """Close this process's pool, and forget pools inherited over a fork without touching their sockets."""
    for pid, pool in list(_engines.items()):
        pool.dispose(close=pid == os.getpid())
        del _engines[pid]


@functools.lru_cache(maxsize=256)
def _statement(sql: str) -> TextClause:
    """The parsed form; parsing the engine's longest statements costs as much as sending them."""
    return text(sql)


@contextmanager
def _session(setup: str, values: Mapping[str, Any]) -> Iterator[Session]:
    try:
        with Session(engine(), expire_on_commit=False) as session, session.begin():
            session.execute(_statement(setup), values)
            yield session
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise database_away(error) from error


def database_away(error: Exception) -> Unavailable:
    """Postgres's connection errors as our own; the text keeps the first line only."""
    first = str(getattr(error, "orig", error)).strip().splitlines()[:1] or [type(error).__name__]
    return Unavailable(
        f"The database is away: {first[0]}", hint="It is tried again by itself; check DATABASE_URL if this lasts.", retry_after=2
    )


@contextmanager
def org_session(org_id: uuid.UUID | str | None) -> Iterator[Session]:
    """A transaction that sees one organisation; commits at the end, rolls back on an error. None: zero rows."""
    with _session(f"SET LOCAL ROLE {APP_ROLE}; SELECT set_config('app.org', :org, true)", {"org": str(org_id or "")}) as session:
        yield session


@contextmanager
def engine_session() -> Iterator[Session]:
    """A transaction over all organisations, for the engine and for look-ups before a login."""
    with _session(f"SET LOCAL ROLE {ENGINE_ROLE}", {}) as session:
        yield session


def engine_statement(sql: str, values: Mapping[str, Any]) -> list[Row[Any]]:
    """One statement as its own transaction in a single round trip; its rows, or an empty list.

    The role is set by a statement in the same message, which PostgreSQL runs as one implicit transaction.
    """
    try:
        with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            result = connection.execute(_statement(f"SET LOCAL ROLE {ENGINE_ROLE}; {sql}"), values)
            return list(result.fetchall()) if result.returns_rows else []
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise database_away(error) from error
