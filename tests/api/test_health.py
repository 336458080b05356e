"""What the API says of itself, and how it bears the loss of Postgres or Redis, at start and in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from api.app import create_app
from cli.embedded import PostgresServer, RedisServer
from cli.migrate import migrate
from models.session import dispose
from tests.api.conftest import Api
from tests.api.serving import served

NOWHERE_POSTGRES = "postgresql://nobody@127.0.0.1:1/none"
NOWHERE_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def own_client(configure: Callable[..., None], database_url: str, redis_url: str) -> Callable[..., Api]:
    """`own_client(NAME=value)` -> a client of an application made under these settings."""

    def make(**settings: str) -> Api:
        configure(**settings)
        return Api(create_app().test_client())

    return make


def test_ready_when_both_are_there(anonymous: Api) -> None:
    """Live and ready, every part named."""
    assert anonymous.get("/livez").json == {"status": "ok"}
    assert anonymous.get("/readyz").json == {"status": "ok", "parts": {"postgres": {"ok": True}, "redis": {"ok": True}}}


def test_without_redis_requests_go_on(own_client: Callable[..., Api]) -> None:
    """With the broker away the API is not ready and says why; rate limits are off, reading goes on."""
    http = own_client(REDIS_URL=NOWHERE_REDIS)
    ready = http.get("/readyz")
    assert (ready.status_code, ready.json["parts"]["redis"]["ok"], ready.json["parts"]["postgres"]["ok"]) == (503, False, True)
    login = http.post("/v1/auth/login", {"email": "nobody@lumen.example", "password": "whatever it is"})
    assert (login.status_code, "RateLimit" in login.headers) == (401, False)


def test_an_empty_database_says_how_to_fill_it(
    own_client: Callable[..., Api], postgres: PostgresServer, configure: Callable[..., None]
) -> None:
    """A database without tables is not ready, with the command that makes them."""
    http = own_client(DATABASE_URL=postgres.url.rpartition("/")[0] + "/postgres")
    dispose()
    ready = http.get("/readyz")
    dispose()
    assert (ready.status_code, ready.json["parts"]["postgres"]["hint"]) == (503, "Run: alembic upgrade head")


def test_both_away_at_start(tmp_path: Path) -> None:
    """The server starts without Postgres and Redis, stays up, and answers 503 problems that may be tried again."""
    with served(tmp_path, DATABASE_URL=NOWHERE_POSTGRES, REDIS_URL=NOWHERE_REDIS) as url:
        assert requests.get(f"{url}/livez", timeout=10).status_code == 200
        parts = requests.get(f"{url}/readyz", timeout=10).json()["parts"]
        assert {name: part["ok"] for name, part in parts.items()} == {"postgres": False, "redis": False}
        answer = requests.post(f"{url}/v1/auth/login", json={"email": "ada@lumen.example", "password": "whatever it is"}, timeout=10)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["retryable"]) == (503, "unavailable", True)
        assert int(answer.headers["Retry-After"]) >= 1


@pytest.fixture
def own_postgres(tmp_path: Path, configure: Callable[..., None]) -> Iterator[PostgresServer]:
    """A migrated server that a test may kill; DATABASE_URL points at it."""
    with PostgresServer(tmp_path / "own", options={"fsync": "off"}) as server:
        configure(DATABASE_URL=server.url)
        dispose()
        migrate()
        yield server
        dispose()


def test_postgres_away_in_the_middle(own_postgres: PostgresServer, tmp_path: Path, redis_url: str) -> None:
    """Postgres is killed under a running server and comes back: 503 meanwhile, then the same request succeeds."""
    body = {"email": "ada@lumen.example", "password": "slow tide under copper drum"}
    with served(tmp_path) as url:
        assert requests.post(f"{url}/v1/auth/register", json=body, timeout=20).status_code == 201
        own_postgres.kill()
        away = requests.post(f"{url}/v1/auth/login", json=body, timeout=20)
        assert (away.status_code, away.json()["retryable"]) == (503, True)
        own_postgres.start()
        assert 200 in [requests.post(f"{url}/v1/auth/login", json=body, timeout=20).status_code for _ in range(10)]


def test_redis_away_in_the_middle(tmp_path: Path, database_url: str) -> None:
    """Redis is killed under a running server: logins still work, readiness tells, and it recovers by itself."""
    with RedisServer(tmp_path / "redis") as server, served(tmp_path, REDIS_URL=server.url) as url:
        body = {"email": f"{tmp_path.name}@lumen.example", "password": "slow tide under copper drum"}
        assert requests.post(f"{url}/v1/auth/register", json=body, timeout=20).status_code == 201
        server.kill()
        assert requests.get(f"{url}/readyz", timeout=20).status_code == 503
        assert requests.post(f"{url}/v1/auth/login", json=body, timeout=20).status_code == 200
        server.start()
        assert requests.get(f"{url}/readyz", timeout=20).status_code == 200


def test_metrics_are_for_loopback_or_the_token(anonymous: Api, configure: Callable[..., None]) -> None:
    """Without METRICS_TOKEN only loopback reads /metrics; with it, only the token."""
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    assert "drumbeat_http_requests_total" in anonymous.get("/metrics").text
    assert anonymous.get("/metrics", **elsewhere).status_code == 403
    configure(METRICS_TOKEN="let-me-see")
    assert anonymous.get("/metrics").status_code == 403
    assert anonymous.get("/metrics", headers={"Authorization": "Bearer let-me-see"}, **elsewhere).status_code == 200


def test_metrics_count_jobs_by_state(admin: Api, anonymous: Api, make_job: Callable[..., str]) -> None:
    """Unfinished jobs are there to be watched."""
    make_job()
    assert 'drumbeat_jobs{state="queued"}' in anonymous.get("/metrics").text


def test_metrics_are_not_for_the_clients_of_a_proxy_on_this_machine(anonymous: Api) -> None:
    """They all come from loopback; the header tells them apart."""
    assert anonymous.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
