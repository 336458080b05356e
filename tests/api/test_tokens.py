"""Access and refresh tokens: forged, expired, ended, rotated, used twice."""

from __future__ import annotations

import base64
import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import text

from core.crypto import token_hash
from core.settings import get_settings
from models.session import engine_session
from tests.api.conftest import Api
from tests.people import Person


def opened(api: Api, person: Person) -> dict[str, Any]:
    """A fresh login's answer."""
    answer: dict[str, Any] = api.post("/v1/auth/login", {"email": person.email, "password": person.password}).json
    return answer


def resigned(token: str, key: str, algorithm: str = "HS256", **changes: Any) -> str:
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    return jwt.encode(claims, key, algorithm=algorithm)


def unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


@pytest.mark.parametrize(
    "forge", [unsigned, lambda t: resigned(t, "another key of more than 32 characters"), lambda t: t[:-4] + "AAAA", lambda _: "x"]
)
def test_forged_tokens_are_refused(admin: Api, forge: Any) -> None:
    """No signature, another key, a changed signature, rubbish: 401 with a challenge, and nothing served."""
    answer = Api(admin.http, forge(admin.token)).get("/v1/me")
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_other_algorithms_are_refused(admin: Api) -> None:
    """A token signed with the right key by another algorithm is not accepted."""
    key = get_settings().secret_key.get_secret_value()
    assert Api(admin.http, resigned(admin.token, key)).get("/v1/me").status_code == 200
    assert Api(admin.http, resigned(admin.token, key, "HS512")).get("/v1/me").status_code == 401


def test_an_expired_token_says_what_to_do(admin: Api) -> None:
    """Expiry is told apart from forgery, with the way to a new token."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    answer = Api(admin.http, resigned(admin.token, get_settings().secret_key.get_secret_value(), exp=past)).get("/v1/me")
    assert answer.status_code == 401
    assert "expired" in answer.json["detail"]
    assert "/v1/auth/refresh" in answer.json["hint"]


def test_access_tokens_live_fifteen_minutes(admin: Api) -> None:
    """The default life of an access token is short."""
    claims = jwt.decode(admin.token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 15 * 60


def test_logout_ends_access_and_refresh_tokens(anonymous: Api, user: Person) -> None:
    """After a logout neither of the two tokens is of any use."""
    login = opened(anonymous, user)
    mine = Api(anonymous.http, login["access_token"])
    assert mine.post("/v1/auth/logout").status_code == 204
    assert mine.get("/v1/me").status_code == 401
    assert anonymous.post("/v1/auth/refresh", {"refresh_token": login["refresh_token"]}).status_code == 401


def test_refresh_rotates(anonymous: Api, user: Person) -> None:
    """Each refresh answers another refresh token, which works in its turn."""
    first = opened(anonymous, user)["refresh_token"]
    second = anonymous.post("/v1/auth/refresh", {"refresh_token": first}).json["refresh_token"]
    assert second != first
    assert anonymous.post("/v1/auth/refresh", {"refresh_token": second}).status_code == 200


def test_a_used_refresh_token_ends_the_whole_login(anonymous: Api, user: Person) -> None:
    """Reuse means theft: the newest tokens of the family die too, other logins live on."""
    stolen, other = opened(anonymous, user), opened(anonymous, user)
    fresh = anonymous.post("/v1/auth/refresh", {"refresh_token": stolen["refresh_token"]}).json
    again = anonymous.post("/v1/auth/refresh", {"refresh_token": stolen["refresh_token"]})
    assert (again.status_code, "used before" in again.json["detail"]) == (401, True)
    assert anonymous.post("/v1/auth/refresh", {"refresh_token": fresh["refresh_token"]}).status_code == 401
    assert Api(anonymous.http, fresh["access_token"]).get("/v1/me").status_code == 401
    assert Api(anonymous.http, other["access_token"]).get("/v1/me").status_code == 200


def test_of_many_simultaneous_refreshes_one_wins(app: Flask, anonymous: Api, user: Person) -> None:
    """Ten uses of one refresh token at once give one new pair of tokens at most."""
    token = opened(anonymous, user)["refresh_token"]
    statuses: list[int] = []

    def refresh() -> None:
        statuses.append(app.test_client().post("/v1/auth/refresh", json={"refresh_token": token}).status_code)

    threads = [threading.Thread(target=refresh) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [401] * 9


def test_an_unknown_refresh_token_is_refused(anonymous: Api) -> None:
    """A refresh token that was never given out opens nothing."""
    assert anonymous.post("/v1/auth/refresh", {"refresh_token": uuid.uuid4().hex}).status_code == 401


def test_a_token_of_an_ended_family_is_not_exchanged(anonymous: Api, user: Person) -> None:
    """One that was issued in the moment its login was ended bears no mark itself; its elder does."""
    first = opened(anonymous, user)
    second = anonymous.post("/v1/auth/refresh", {"refresh_token": first["refresh_token"]}).json
    with engine_session() as session:
        ended = "UPDATE refresh_tokens SET revoked_at = clock_timestamp() WHERE token_hash = :hash"
        session.execute(text(ended), {"hash": token_hash(first["refresh_token"])})
    assert anonymous.post("/v1/auth/refresh", {"refresh_token": second["refresh_token"]}).status_code == 401
