"""Accounts: register, log in, what passwords are accepted, and what a wrong one costs."""

from __future__ import annotations

import uuid

import pytest

from core.settings import get_settings
from models import User
from models.session import engine_session
from tests.api.conftest import Api
from tests.people import Person

PASSWORD = "slow tide under copper drum"


def registration(**changes: str) -> dict[str, str]:
    return {"email": f"{uuid.uuid4().hex[:12]}@lumen.example", "password": PASSWORD, "name": "Ada", "organization": "Lumen"} | changes


def test_register_answers_tokens_user_and_organization(anonymous: Api) -> None:
    """Registering makes a user who is the admin of a new organisation, and logs them in."""
    body = registration()
    answer = anonymous.post("/v1/auth/register", body)
    assert answer.status_code == 201
    assert answer.json.keys() >= {"access_token", "refresh_token", "user", "organization"}
    assert (answer.json["user"]["email"], answer.json["organization"]["role"]) == (body["email"], "admin")
    me = Api(anonymous.http, answer.json["access_token"]).get("/v1/me").json
    assert me["organization"]["name"] == "Lumen"


def test_an_address_registers_once(anonymous: Api) -> None:
    """A second registration of an address, in whatever case, is a conflict."""
    body = registration()
    assert anonymous.post("/v1/auth/register", body).status_code == 201
    assert anonymous.post("/v1/auth/register", body | {"email": body["email"].upper()}).status_code == 409


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "shorter than 10"),
        ("p" * 73 + "Z9!", "longer than 72 bytes"),
        ("ä" * 40, "longer than 72 bytes"),
        ("password12", "too easy"),
    ],
)
def test_weak_and_overlong_passwords_are_refused(anonymous: Api, password: str, fault: str) -> None:
    """Length is checked before hashing, in characters below and in bytes above; guessable ones are refused."""
    answer = anonymous.post("/v1/auth/register", registration(password=password))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/password"
    assert fault in answer.json["errors"][0]["detail"]


def test_passwords_are_stored_as_bcrypt(anonymous: Api) -> None:
    """The row holds a bcrypt hash and not the password."""
    user_id = anonymous.post("/v1/auth/register", registration()).json["user"]["id"]
    with engine_session() as session:
        stored = session.get_one(User, uuid.UUID(user_id)).password_hash
    assert stored.startswith("$2b$")


@pytest.mark.parametrize("email", ["nobody@lumen.example", None])
def test_wrong_password_and_unknown_address_answer_alike(anonymous: Api, user: Person, email: str | None) -> None:
    """The answer does not tell whether an address has an account."""
    answer = anonymous.post("/v1/auth/login", {"email": email or user.email, "password": "not the password"})
    assert (answer.status_code, answer.json["detail"]) == (401, "E-mail or password is wrong")


@pytest.mark.parametrize("known", [True, False])
def test_guessing_locks_an_account(anonymous: Api, user: Person, known: bool) -> None:
    """After LOGIN_ATTEMPTS failures even the right password has to wait; unknown addresses look the same."""
    email = user.email if known else f"{uuid.uuid4().hex}@lumen.example"
    for _ in range(get_settings().login_attempts):
        assert anonymous.post("/v1/auth/login", {"email": email, "password": "wrong"}).status_code == 401
    answer = anonymous.post("/v1/auth/login", {"email": email, "password": user.password})
    assert (answer.status_code, answer.json["code"], answer.json["retryable"]) == (429, "too_many_requests", True)
    assert int(answer.headers["Retry-After"]) > 60


def test_a_right_password_forgets_earlier_failures(anonymous: Api, user: Person) -> None:
    """Failures count in a row: a success between them starts the count again."""
    most = get_settings().login_attempts
    for password in [*["wrong"] * (most - 1), user.password, *["wrong"] * (most - 1), user.password]:
        answer = anonymous.post("/v1/auth/login", {"email": user.email, "password": password})
    assert answer.status_code == 200


def test_login_into_an_organisation_one_does_not_belong_to(anonymous: Api, user: Person, nobody: str) -> None:
    """A right password opens no organisation that the user is not a member of."""
    answer = anonymous.post("/v1/auth/login", {"email": user.email, "password": user.password, "organization_id": nobody})
    assert answer.status_code == 401


def test_changing_the_password_ends_other_logins(admin: Api, user: Person, log_in: object) -> None:
    """The new password works, the old does not, and a login made before it is over."""
    other = Api(admin.http, admin.post("/v1/auth/login", {"email": user.email, "password": user.password}).json["access_token"])
    refused = admin.patch("/v1/me", {"password": PASSWORD, "current_password": "wrong"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/current_password")
    assert admin.patch("/v1/me", {"password": PASSWORD, "current_password": user.password}).status_code == 200
    assert admin.get("/v1/me").status_code == 200
    assert other.get("/v1/me").status_code == 401
    assert admin.post("/v1/auth/login", {"email": user.email, "password": PASSWORD}).status_code == 200
