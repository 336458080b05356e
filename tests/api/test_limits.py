"""Rate limits: counted in Redis, told in the headers, tighter where passwords are tried."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from api.app import create_app
from tests.api.conftest import Api
from tests.people import Person


@pytest.fixture
def limited(configure: Callable[..., None], database_url: str, redis_url: str) -> Callable[[int], Api]:
    """`limited(20)` -> a client of an application with so many requests a minute, under an address of its own."""

    def make(requests: int) -> Api:
        configure(RATE_LIMIT_REQUESTS=str(requests), RATE_LIMIT_WINDOW="60")
        http = Api(create_app().test_client())
        http.http.environ_base["REMOTE_ADDR"] = f"2001:db8::{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}"
        return http

    return make


def test_headers_tell_what_is_left(limited: Callable[[int], Api]) -> None:
    """RateLimit-Policy names quota and window, RateLimit what is left of it."""
    http = limited(20)
    http.get("/v1/jobs")
    headers = http.get("/v1/jobs").headers
    assert headers["RateLimit-Policy"] == '"default";q=20;w=60'
    assert headers["RateLimit"].startswith('"default";r=18;t=')


def test_one_request_too_many(limited: Callable[[int], Api]) -> None:
    """Past the limit: 429 with Retry-After; probes are always answered."""
    http = limited(6)
    statuses = [http.get("/v1/jobs").status_code for _ in range(7)]
    assert statuses == [401] * 6 + [429]
    answer = http.get("/v1/jobs")
    assert (answer.json["code"], answer.json["retryable"], int(answer.headers["Retry-After"]) > 0) == ("too_many_requests", True, True)
    assert http.get("/readyz").status_code == 200


def test_users_behind_one_address_have_limits_of_their_own(limited: Callable[[int], Api], make_user: Callable[..., Person]) -> None:
    """A logged-in user is counted by who they are, wherever they call from."""
    http = limited(8)
    people = [make_user(), make_user()]
    tokens = [http.post("/v1/auth/login", {"email": p.email, "password": p.password}).json["access_token"] for p in people]
    first, second = ({"Authorization": f"Bearer {token}"} for token in tokens)
    assert [http.get("/v1/me", headers=first).status_code for _ in range(9)][-2:] == [200, 429]
    assert http.get("/v1/me", headers=second).status_code == 200


def test_visitors_have_a_wider_limit(limited: Callable[[int], Api], make_user: Callable[..., Person]) -> None:
    """Ten times the general one, counted apart; without a known token an assignment counts as any other request."""
    http = limited(6)
    answer = http.get("/api/features/sdk-unknown")
    assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (404, '"default";q=60;w=60')
    assert [http.get("/l/unknown").status_code for _ in range(60)] == [404] * 59 + [429]
    assert http.get("/v1/jobs").status_code == 401
    path = f"/v1/experiments/{uuid.uuid4()}/assign"
    assert [http.post(path).status_code for _ in range(6)] == [401] * 5 + [429]
    person = make_user()
    token = limited(6).post("/v1/auth/login", {"email": person.email, "password": person.password}).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert [http.post(path, {"attributes": {"id": "u"}}, headers=headers).status_code for _ in range(8)] == [404] * 8


def test_passwords_are_tried_more_slowly(limited: Callable[[int], Api]) -> None:
    """Login, registration and refresh share a tenth of the general rate, at least five a window."""
    http = limited(50)
    statuses = [http.post("/v1/auth/refresh", {"refresh_token": "x"}).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert http.get("/v1/jobs").status_code == 401
