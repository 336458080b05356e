"""X's consent: codes, PKCE, refresh tokens."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.conftest import Connection, Vendor
from tests.stack import SandboxProcess


def test_a_code_becomes_tokens_of_an_account(x: Vendor) -> None:
    """Code and verifier are exchanged for a bearer token that names its account."""
    assert x.get("/2/users/me").json()["data"]["username"] == "quillmoor"


def test_a_wrong_verifier_is_refused(connection: Connection) -> None:
    """A stolen code is worth nothing without the verifier that its challenge was made from."""
    answer = connection.exchange(connection.code(), code_verifier="v" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_code_works_once(connection: Connection) -> None:
    """The second exchange of a code is refused."""
    code = connection.code()
    assert connection.exchange(code).status_code == 200
    assert connection.exchange(code).status_code == 400


def test_a_code_lives_thirty_seconds(connection: Connection, sandbox: SandboxProcess) -> None:
    """An exchange that comes late is refused."""
    code = connection.code()
    sandbox.advance(31)
    assert connection.exchange(code).status_code == 400


def test_the_redirect_uri_must_match(connection: Connection) -> None:
    """The exchange names the very address the code was sent to."""
    assert connection.exchange(connection.code(), redirect_uri="http://127.0.0.1:8000/callback/").status_code == 400


def test_a_public_client_is_refused(connection: Connection) -> None:
    """A confidential client authenticates by HTTP Basic, not by a field."""
    form = {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "anything"}
    answer = connection.x.post("/2/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized_client")


def test_a_refresh_token_works_once(connection: Connection) -> None:
    """Refreshing rotates the token; the old one is dead."""
    first = connection.exchange(connection.code()).json()["refresh_token"]
    second = connection.token(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    assert second != first
    assert connection.token(grant_type="refresh_token", refresh_token=first).status_code == 400
    assert connection.token(grant_type="refresh_token", refresh_token=second).status_code == 200


def test_a_token_expires_after_two_hours(x: Vendor, sandbox: SandboxProcess) -> None:
    """Then every call is a 401."""
    sandbox.advance(7201)
    assert x.get("/2/users/me").status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [("client_id", "other"), ("code_challenge_method", "plain"), ("scope", "tweet.read everything"), ("state", ""), ("prompt", "none")],
)
def test_a_wrong_request_for_consent_is_refused(connection: Connection, name: str, value: str) -> None:
    """Each parameter of the authorize page is checked, an unknown one too."""
    answer = connection.authorize(**{name: value})
    assert answer.status_code == 400
    assert name in answer.json()["error_description"]


def test_a_token_lacks_what_was_not_consented(connection: Connection) -> None:
    """Posting needs the scope for it."""
    token = connection.exchange(connection.code(scope="tweet.read users.read")).json()["access_token"]
    answer = connection.x.post("/2/tweets", json={"text": "no"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_a_browser_is_asked_and_may_deny(connection: Connection) -> None:
    """A person sees a form, chooses the account, or refuses."""
    connection.x.headers = {"Accept": "text/html"}
    page = connection.authorize()
    assert "Sandbox Studio" in page.text
    denied = requests.post(page.url, data={"decision": "deny"}, allow_redirects=False, timeout=10)
    assert "error=access_denied" in denied.headers["Location"]
    allowed = requests.post(page.url, data={"decision": "allow", "account": "sandbox_studio"}, allow_redirects=False, timeout=10)
    token = connection.exchange(allowed.headers["Location"].partition("code=")[2]).json()["access_token"]
    assert connection.x.get("/2/users/me", headers={"Authorization": f"Bearer {token}"}).json()["data"]["username"] == "sandbox_studio"
