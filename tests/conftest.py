"""What every test may ask for: real Postgres and Redis, the sandbox, organisations, worker pools.

Nothing starts until a test asks. Tests keep apart by working in an organisation of their own; `clean_database` is for
the few that need empty tables. `configure(NAME=value)` changes settings for one test.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import bcrypt
import pytest
from pydantic import ValidationError
from sqlalchemy import text

from cli.embedded import PostgresServer, RedisServer
from cli.migrate import migrate
from core.errors import NotConfigured
from core.settings import Settings, get_settings
from models import Base, Membership, Organization, User
from models.session import dispose, engine, engine_session
from tests.people import Person
from tests.stack import ROOT, SandboxProcess, WorkerPools

PLACEHOLDERS = {
    "ENVIRONMENT": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "a-secret-for-tests-of-more-than-32-characters",
    "MODELS_DIR": str(ROOT / ".drumbeat" / "models"),  # pulled once and kept between runs
}
MACHINE = {"npm_config_registry"}  # where this machine's packages come from


def set_environment(values: dict[str, str]) -> None:
    """Set variables for this process and the ones it starts, for the rest of the session."""
    os.environ.update(values)
    get_settings.cache_clear()


def pytest_configure() -> None:
    """Take the developer's own settings away: no test may reach a real vendor or database by accident."""
    Settings.model_config["env_file"] = None
    for name in set(Settings.model_fields) - MACHINE:
        os.environ.pop(name.upper(), None)
    set_environment(PLACEHOLDERS)


def reread() -> None:
    """Take the environment as it is now. A thread that was just reading the old one may put that back: then once more."""
    get_settings.cache_clear()
    with suppress(NotConfigured, ValidationError):  # a test of faulty settings
        while get_settings() != Settings():  # type: ignore[call-arg]
            get_settings.cache_clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side by file, which starts its servers once; the engine's tests all share one laboratory."""
    for item in items:
        file = item.path.relative_to(ROOT).as_posix()
        item.add_marker(pytest.mark.xdist_group("engine" if file.startswith("tests/worker/") else file))


@pytest.fixture(scope="session", autouse=True)
def state_dir() -> Iterator[Path]:
    """The session's STATE_DIR: services, files, logs."""
    with tempfile.TemporaryDirectory(prefix="drumbeat-tests-", ignore_cleanup_errors=True) as folder:
        set_environment({"STATE_DIR": folder})
        yield Path(folder)


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Change settings for one test: `configure(MAX_CHILDREN="3", X_CLIENT_ID="")`; an empty value unsets."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        reread()

    yield change
    monkeypatch.undo()
    reread()


@pytest.fixture(scope="session")
def postgres(state_dir: Path) -> Iterator[PostgresServer]:
    """The session's own cluster, quick and not durable: it is thrown away."""
    server = PostgresServer(state_dir, options={"fsync": "off", "full_page_writes": "off"})
    server.start()
    yield server
    dispose()
    server.stop()
    server.remove()


@pytest.fixture(scope="session")
def database_url(postgres: PostgresServer) -> str:
    """A migrated database; DATABASE_URL points at it from here on."""
    dispose()
    set_environment({"DATABASE_URL": postgres.url})
    migrate()
    return postgres.url


@pytest.fixture
def clean_database(database_url: str) -> str:
    """The migrated database with every table empty."""
    tables = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with engine().begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    return database_url


@pytest.fixture(scope="session")
def redis_server(state_dir: Path) -> Iterator[RedisServer]:
    with RedisServer(state_dir) as server:
        set_environment({"REDIS_URL": server.url})
        yield server


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisServer) -> str:
    """The broker; REDIS_URL points at it from here on."""
    return redis_server.url


@pytest.fixture(scope="session")
def sandbox_process(state_dir: Path) -> Iterator[SandboxProcess]:
    with SandboxProcess(state_dir / "sandbox") as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess, configure: Callable[..., None]) -> SandboxProcess:
    """Every vendor, played over real HTTP: an empty ledger, no faults, settings pointing at it for this test."""
    sandbox_process.reset()
    configure(**sandbox_process.environment)
    return sandbox_process


@pytest.fixture
def make_organization(database_url: str) -> Callable[..., Organization]:
    """`make_organization(name="…")` -> a new organisation without members."""

    def make(name: str = "Test organisation") -> Organization:
        with engine_session() as session:
            organization = Organization(id=uuid.uuid4(), name=name)
            session.add(organization)
        return organization

    return make


@pytest.fixture
def organization(make_organization: Callable[..., Organization]) -> Organization:
    """An organisation of this test's own."""
    return make_organization()


@pytest.fixture
def make_user(organization: Organization) -> Callable[..., Person]:
    """`make_user(role="viewer", org_id=…)` -> a person with that role, by default in `organization`."""

    def make(role: str = "admin", org_id: uuid.UUID | None = None, password: str = "correct horse battery staple") -> Person:
        person = Person(uuid.uuid4(), org_id or organization.id, f"{uuid.uuid4().hex[:12]}@example.com", password, role)
        hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
        with engine_session() as session:
            session.add(User(id=person.id, email=person.email, name="Test Person", password_hash=hashed))
            session.flush()
            session.add(Membership(org_id=person.org_id, user_id=person.id, role=role))
        return person

    return make


@pytest.fixture
def user(make_user: Callable[..., Person]) -> Person:
    """An admin of `organization`."""
    return make_user()


@pytest.fixture(scope="session")
def worker_pools(database_url: str, redis_url: str, sandbox_process: SandboxProcess, state_dir: Path) -> Iterator[WorkerPools]:
    """Real worker processes for io, cpu and gpu, once a session."""
    with WorkerPools(state_dir / "pools", sandbox_process.environment) as pools:
        yield pools
