"""Migrations: from nothing, from every earlier revision, and back; and the models say what the database has."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg2
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event

from cli.embedded import PostgresServer
from cli.migrate import ROOT, migrate
from core.settings import get_settings

REVISIONS = [script.revision for script in ScriptDirectory(str(Path(ROOT, "migrations"))).walk_revisions()][::-1]


@pytest.fixture
def config(postgres: PostgresServer, configure: Callable[..., None]) -> Iterator[Config]:
    """Alembic pointed at an empty database of this test's own."""
    name = f"m{uuid.uuid4().hex}"
    admin = psycopg2.connect(postgres.url)
    admin.autocommit = True
    admin.cursor().execute(f"CREATE DATABASE {name}")
    configure(DATABASE_URL=postgres.url.rpartition("/")[0] + f"/{name}")
    made = Config(str(ROOT / "alembic.ini"))
    made.set_main_option("script_location", str(ROOT / "migrations"))
    yield made
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def tables() -> set[str]:
    with psycopg2.connect(get_settings().database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in cursor.fetchall()}


def test_the_models_and_the_migrated_database_agree(config: Config) -> None:
    """`alembic check` after an upgrade from nothing finds no difference."""
    command.upgrade(config, "head")
    command.check(config)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_every_earlier_revision_can_be_upgraded(config: Config, revision: str) -> None:
    """A database that stands at any revision reaches the newest."""
    command.upgrade(config, revision)
    command.upgrade(config, "head")
    command.check(config)


def test_all_of_it_can_be_taken_back(config: Config) -> None:
    """Down to nothing and up again."""
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    assert tables() <= {"alembic_version"}
    command.upgrade(config, "head")
    assert "jobs" in tables()


def test_two_processes_may_migrate_at_once(config: Config) -> None:
    """The second waits and finds nothing to do."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            migrate()
        except BaseException as error:  # noqa: BLE001  (told by the test)
            faults.append(error)

    # Alembic's context is one a process: the lock is held by another connection, as another process would.
    other = psycopg2.connect(get_settings().database_url)
    other.cursor().execute("SELECT pg_advisory_lock(727274)")
    waiting = Thread(target=run)
    waiting.start()
    waiting.join(1.0)
    assert waiting.is_alive()
    other.close()
    waiting.join(30)
    assert not faults
    assert "jobs" in tables()


def test_a_migration_may_take_its_time(config: Config) -> None:
    """The limit on transactions that wait, which frees the locks of a lost worker, does not cut a migration off."""
    seen: list[str] = []

    def look(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        other = connection.connection.cursor()
        other.execute("SHOW idle_in_transaction_session_timeout")
        seen.extend(other.fetchone() or ())

    event.listen(Engine, "before_cursor_execute", look)
    try:
        command.current(config)
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert (seen[0], seen[-1]) == ("5s", "0")
