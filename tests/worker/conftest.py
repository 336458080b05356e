"""A laboratory for the engine: a database and a broker of its own, and pools whose leases are short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from cli.embedded import PostgresServer, RedisServer
from cli.migrate import migrate
from core.settings import get_settings
from models import Organization
from models.session import dispose
from tests.stack import SandboxProcess, WorkerPools
from tests.worker.jobs import Jobs, forget_broker

LEASE_SECONDS = 3.0
SETTLE_SECONDS = 1.5
QUICK = {
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "HEARTBEAT_SECONDS": "0.3",
    "SWEEP_SECONDS": "0.3",
    "VENDOR_TIMEOUT_SECONDS": "1",
    "VENDOR_SETTLE_SECONDS": str(SETTLE_SECONDS),
}


@pytest.fixture(scope="package")
def database_url(postgres: PostgresServer, redis_server: RedisServer) -> Iterator[str]:
    """The engine's database; DATABASE_URL, REDIS_URL and the quick times hold while this folder's tests run."""
    connection = psycopg2.connect(postgres.url)
    connection.autocommit = True
    connection.cursor().execute("DROP DATABASE IF EXISTS engine WITH (FORCE)")
    connection.cursor().execute("CREATE DATABASE engine")
    connection.close()
    url = postgres.url.rpartition("/")[0] + "/engine"
    broker = redis_server.url.rpartition("/")[0] + "/1"
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {"DATABASE_URL": url, "REDIS_URL": broker, "CELERY_BROKER_URL": broker, **QUICK}.items():
            environment.setenv(name, value)
        _reread()
        migrate()
        yield url
    _reread()


@pytest.fixture(scope="package")
def redis_url(database_url: str) -> str:
    return get_settings().redis_url


@pytest.fixture(scope="package")
def pools(database_url: str, sandbox_process: SandboxProcess, state_dir: Path) -> Iterator[WorkerPools]:
    """io, cpu and gpu workers of the laboratory."""
    with WorkerPools(state_dir / "laboratory", sandbox_process.environment) as started:
        yield started


@pytest.fixture
def jobs(organization: Organization, tmp_path: Path) -> Jobs:
    """Jobs of this test's organisation, without workers: for steps that the test claims itself."""
    return Jobs(organization.id, tmp_path)


@pytest.fixture
def live(jobs: Jobs, pools: WorkerPools) -> Jobs:
    """Jobs of this test's organisation, with the laboratory's workers running them."""
    return jobs


def _reread() -> None:
    get_settings.cache_clear()
    dispose()
    forget_broker()
