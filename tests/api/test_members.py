"""Members: added with a role, demoted at once, never without an admin."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from flask import Flask

from tests.api.conftest import Api
from tests.people import Person

NEW = {"password": "slow tide under copper drum", "role": "viewer"}


def test_an_admin_adds_a_new_account(admin: Api, anonymous: Api) -> None:
    """A new member logs in with the first password and finds themselves in the admin's organisation."""
    email = f"{uuid.uuid4().hex}@lumen.example"
    made = admin.post("/v1/members", NEW | {"email": email})
    assert (made.status_code, made.json["role"]) == (201, "viewer")
    login = anonymous.post("/v1/auth/login", {"email": email, "password": NEW["password"]})
    assert login.json["organization"] == admin.get("/v1/me").json["organization"] | {"role": "viewer"}


def test_an_existing_account_joins_without_a_password(admin: Api, stranger: Api) -> None:
    """Somebody of another organisation joins by their address and may then choose between the two."""
    theirs = stranger.get("/v1/me").json
    assert admin.post("/v1/members", {"email": theirs["user"]["email"], "role": "member"}).status_code == 201
    assert len(stranger.get("/v1/me").json["organizations"]) == 2


def test_a_new_address_needs_a_password(admin: Api) -> None:
    """Without an account and without a first password nobody is added."""
    answer = admin.post("/v1/members", {"email": f"{uuid.uuid4().hex}@lumen.example", "role": "member"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/password")


def test_nobody_joins_twice(admin: Api) -> None:
    """Adding a member again is a conflict."""
    mine = admin.get("/v1/me").json["user"]["email"]
    assert admin.post("/v1/members", {"email": mine, "role": "viewer"}).status_code == 409


def test_a_demotion_acts_at_once(admin: Api, make_user: Callable[..., Person], log_in: Callable[[Person], Api]) -> None:
    """A token made before the demotion has the new role's rights from the next request on."""
    person = make_user("member")
    theirs = log_in(person)
    assert theirs.post("/v1/jobs", {"kind": "test.drums"}).status_code == 202
    assert admin.patch(f"/v1/members/{person.id}", {"role": "viewer"}).json["role"] == "viewer"
    assert theirs.post("/v1/jobs", {"kind": "test.drums"}).status_code == 403


def test_a_removed_member_is_out_at_once(admin: Api, make_user: Callable[..., Person], log_in: Callable[[Person], Api]) -> None:
    """Tokens of a removed member stop working, the account remains."""
    person = make_user("member")
    theirs = log_in(person)
    assert admin.delete(f"/v1/members/{person.id}").status_code == 204
    assert theirs.get("/v1/me").status_code == 401
    assert person.email not in [row["email"] for row in admin.get("/v1/members").json["items"]]


def test_the_last_admin_stays(admin: Api, user: Person) -> None:
    """The last admin can neither be demoted nor removed."""
    assert admin.patch(f"/v1/members/{user.id}", {"role": "member"}).status_code == 409
    assert admin.delete(f"/v1/members/{user.id}").status_code == 409


def test_two_last_admins_cannot_leave_at_once(
    app: Flask, admin: Api, user: Person, make_user: Callable[..., Person], log_in: Callable[[Person], Api]
) -> None:
    """When both of two admins demote themselves at the same moment, one of them stays."""
    second = make_user("admin")
    pairs = [(admin.token, user.id), (log_in(second).token, second.id)]
    statuses: list[int] = []

    def demote(token: str, person_id: uuid.UUID) -> None:
        statuses.append(Api(app.test_client(), token).patch(f"/v1/members/{person_id}", {"role": "viewer"}).status_code)

    threads = [threading.Thread(target=demote, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


def test_a_stranger_is_no_member(admin: Api, stranger: Api) -> None:
    """People of other organisations are not found, whatever is tried on them."""
    theirs = stranger.get("/v1/me").json["user"]["id"]
    assert admin.patch(f"/v1/members/{theirs}", {"role": "viewer"}).status_code == 404
    assert admin.delete(f"/v1/members/{theirs}").status_code == 404
