"""The API under gunicorn: what only shows over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.serving import served


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def server(database_url: str, redis_url: str, home: Path) -> Iterator[str]:
    with served(home, LOG_FORMAT="json") as url:
        yield url


def test_secrets_are_not_logged(server: str, home: Path) -> None:
    """The access log has the path and the request id, not the query, the password or the token."""
    body = {"email": "ada@lumen.example", "password": "hidden-password"}
    requests.post(f"{server}/v1/auth/login?code=hidden-code", json=body, headers={"X-Request-ID": "trace-log-1"}, timeout=20)
    requests.get(f"{server}/v1/me", headers={"Authorization": "Bearer hidden-token-hidden-token"}, timeout=20)
    logged = (home / "api.log").read_text()
    assert '"request_id": "trace-log-1"' in logged
    assert "hidden" not in logged


@pytest.mark.parametrize("size", [3 * 2**20, 40 * 2**20])
def test_a_body_over_the_limit_gets_its_answer(server: str, size: int) -> None:
    """The client that is still sending reads the 413 problem, not a broken connection."""
    answer = requests.post(f"{server}/v1/auth/login", data=b" " * size, headers={"Content-Type": "application/json"}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_body_of_unknown_length_is_bounded_too(server: str) -> None:
    """Chunked transfer without Content-Length is cut at the same limit."""
    answer = requests.post(
        f"{server}/v1/auth/login", data=(b" " * 65536 for _ in range(100)), headers={"Content-Type": "application/json"}, timeout=60
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
