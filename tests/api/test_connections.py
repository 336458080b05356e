"""Connecting an account at the sandbox's X: PKCE, and a state that works once, in one browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from core.crypto import decrypt
from models import AuditEntry, Connection
from models.session import engine_session
from tests.api import rows
from tests.api.conftest import Api
from tests.people import Person
from tests.stack import SandboxProcess


def consent(api: Api) -> str:
    """Start connecting and allow it at X; the path that X sends the browser back to."""
    url = api.post("/v1/connections", {"vendor": "x"}).json["authorize_url"]
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code in (302, 303), answer.text
    return urlsplit(answer.headers["Location"])._replace(scheme="", netloc="").geturl()


def test_connecting_an_account(sandbox: SandboxProcess, admin: Api, user: Person) -> None:
    """After the consent the account is connected; its tokens are stored encrypted and shown nowhere."""
    answer = admin.get(consent(admin))
    assert answer.status_code == 200, answer.json
    (shown,) = admin.get("/v1/connections").json["items"]
    assert (shown["vendor"], shown["state"], shown["simulated"]) == ("x", "active", True)
    assert "token" not in str(shown)
    with engine_session() as session:
        kept = session.execute(select(Connection).where(Connection.org_id == user.org_id)).scalar_one()
        noted = (
            session.execute(select(AuditEntry.action).where(AuditEntry.org_id == user.org_id, AuditEntry.outcome == "done")).scalars().all()
        )
    assert decrypt(kept.access_token_encrypted) not in kept.access_token_encrypted
    assert "connections.callback" in noted


def test_the_request_follows_pkce(sandbox: SandboxProcess, admin: Api) -> None:
    """The consent is asked for with a hashed challenge, a long state and the exact callback."""
    query = parse_qs(urlsplit(admin.post("/v1/connections", {"vendor": "x"}).json["authorize_url"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) >= 32
    assert query["redirect_uri"][0].endswith("/v1/connections/callback/x")


def test_a_state_works_once(sandbox: SandboxProcess, admin: Api) -> None:
    """The second use of a callback's address is refused."""
    back = consent(admin)
    assert admin.get(back).status_code == 200
    assert admin.get(back).status_code == 403


def test_another_browser_cannot_finish(sandbox: SandboxProcess, admin: Api, stranger: Api) -> None:
    """A callback opened by somebody else, or with another state, connects nothing to nobody."""
    back = consent(admin)
    assert stranger.get(back).status_code == 403
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert admin.get(back.replace(state, "guessed")).status_code == 403
    assert (admin.get("/v1/connections").json["items"], stranger.get("/v1/connections").json["items"]) == ([], [])


def test_a_late_consent_is_refused(sandbox: SandboxProcess, admin: Api, user: Person) -> None:
    """A state is good for ten minutes."""
    back = consent(admin)
    with engine_session() as session:
        session.connection().exec_driver_sql("UPDATE oauth_states SET expires_at = clock_timestamp() - interval '1 second'")
    assert admin.get(back).status_code == 403


def test_a_refused_consent_says_so(sandbox: SandboxProcess, admin: Api) -> None:
    """When the user says no at X, the reason comes through."""
    state = parse_qs(urlsplit(consent(admin)).query)["state"][0]
    answer = admin.get(f"/v1/connections/callback/x?error=access_denied&state={state}")
    assert (answer.status_code, "access_denied" in answer.json["detail"]) == (502, True)


def test_who_was_demoted_meanwhile_connects_nothing(
    sandbox: SandboxProcess, admin: Api, make_user: Callable[..., Person], log_in: Callable[[Person], Api]
) -> None:
    """The role counts when the consent comes back, not when it was asked for."""
    person = make_user("member")
    theirs = log_in(person)
    back = consent(theirs)
    admin.patch(f"/v1/members/{person.id}", {"role": "viewer"})
    assert theirs.get(back).status_code == 403


def test_connecting_again_keeps_the_connection(
    sandbox: SandboxProcess, admin: Api, make_job: Callable[..., str], hold: Callable[[str, str], None]
) -> None:
    """The same account is one row, and jobs that waited for it go on."""
    first = admin.get(consent(admin)).json["id"]
    job = make_job()
    hold(job, "connection")
    assert admin.get(consent(admin)).json["id"] == first
    assert admin.get(f"/v1/jobs/{job}").json["steps"][0]["state"] == "ready"


def test_removing_an_account_keeps_its_posts(admin: Api, user: Person) -> None:
    """The connection goes; what was posted through it stays as a record."""
    connection = rows.connection(user.org_id)
    post = rows.post(user.org_id, connection_id=connection, state="published")
    assert admin.delete(f"/v1/connections/{connection}").status_code == 204
    assert admin.get(f"/v1/posts/{post}").json["connection_id"] is None


@pytest.mark.parametrize(("vendor", "status", "code"), [("smoke", 422, "invalid_input"), ("x", 503, "not_configured")])
def test_networks_that_cannot_be_connected(admin: Api, configure: Callable[..., None], vendor: str, status: int, code: str) -> None:
    """An unknown network and one without its variables are told apart, the latter with their names."""
    configure(X_CLIENT_ID="")
    answer = admin.post("/v1/connections", {"vendor": vendor})
    assert (answer.status_code, answer.json["code"]) == (status, code)
