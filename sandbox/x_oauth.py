"""X's OAuth 2.0: consent page, code and refresh grants with PKCE (S256), revocation, and who a bearer token is.

A caller that takes HTML sees the consent page and may choose the account; any other caller is consented at once as the first
account, or as the one it names in the header X-Sandbox-Account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, render_template, request

from sandbox.credentials import X_CLIENT_ID, X_CLIENT_SECRET
from sandbox.state import here
from sandbox.vendor import Refused

routes = Blueprint("oauth", __name__)

ACCOUNTS = (
    {"id": "1790000000000000001", "username": "quillmoor", "name": "Quillmoor Lamps"},
    {"id": "1790000000000000002", "username": "sandbox_studio", "name": "Sandbox Studio"},
    {"id": "1790000000000000003", "username": "sandbox_shop", "name": "Sandbox Shop"},
)
SCOPES = frozenset({"tweet.read", "tweet.write", "users.read", "media.write", "offline.access"})
CODE_SECONDS = 30
TOKEN_SECONDS = 7200
_REQUIRED = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")


@dataclass(frozen=True)
class Caller:
    account_id: str
    scopes: frozenset[str]


def account(account_id: str) -> dict[str, str]:
    return next(a for a in ACCOUNTS if a["id"] == account_id)


def caller(*needed: str) -> Caller:
    """Whose bearer token this is. Raises Refused: 401 for a token that is missing, unknown or expired, 403 for a missing scope."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    body = here().store.get("x.access", token) if scheme == "Bearer" else None
    if body is None or body["expires_at"] <= here().clock.now():
        raise Refused(401, "Unauthorized", code="unauthorized")
    scopes = frozenset(body["scope"].split())
    if missing := sorted(set(needed) - scopes):
        raise Refused(403, f"The token lacks the scope {' '.join(missing)}", code="client-forbidden")
    return Caller(body["account_id"], scopes)


@routes.get("/i/oauth2/authorize")
def authorize() -> Any:
    asked = _checked_request(request.args.to_dict())
    if "text/html" in request.headers.get("Accept", ""):
        return render_template("x_consent.html", asked=asked, accounts=ACCOUNTS, scopes=asked["scope"].split())
    username = request.headers.get("X-Sandbox-Account", ACCOUNTS[0]["username"])
    return _consented(asked, username)


@routes.post("/i/oauth2/authorize")
def decide() -> Any:
    asked = _checked_request(request.args.to_dict())
    if request.form.get("decision") != "allow":
        return _back(asked, error="access_denied")
    return _consented(asked, request.form.get("account", ""))


def _checked_request(asked: dict[str, str]) -> dict[str, str]:
    if missing := [name for name in _REQUIRED if not asked.get(name)]:
        raise Refused(400, f"Missing parameters: {', '.join(missing)}", code="oauth")
    if unknown := sorted(set(asked) - set(_REQUIRED)):
        raise Refused(400, f"Unknown parameters: {', '.join(unknown)}", code="oauth")
    faults = {
        "client_id": asked["client_id"] != X_CLIENT_ID,
        "response_type": asked["response_type"] != "code",
        "code_challenge_method": asked["code_challenge_method"] != "S256",
        "code_challenge": not re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["code_challenge"]),
        "state": len(asked["state"]) > 500,
        "scope": not set(asked["scope"].split()) <= SCOPES,
        "redirect_uri": urlsplit(asked["redirect_uri"]).scheme not in ("http", "https"),
    }
    if wrong := [name for name, is_wrong in faults.items() if is_wrong]:
        raise Refused(400, f"Invalid parameters: {', '.join(wrong)}", code="oauth")
    return asked


def _consented(asked: dict[str, str], username: str) -> Any:
    chosen = next((a for a in ACCOUNTS if a["username"] == username), None)
    if chosen is None:
        raise Refused(400, f"There is no account @{username}", code="oauth")
    state, code = here(), secrets.token_urlsafe(48)
    kept = {name: asked[name] for name in ("redirect_uri", "scope", "code_challenge")}
    state.store.put("x.code", code, kept | {"account_id": chosen["id"], "expires_at": state.clock.now() + CODE_SECONDS})
    return _back(asked, code=code)


def _back(asked: dict[str, str], **answer: str) -> Any:
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return redirect(f"{asked['redirect_uri']}{joint}{urlencode({'state': asked['state'], **answer})}")


@routes.post("/2/oauth2/token")
def token() -> Response:
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refused(400, "The body must be application/x-www-form-urlencoded", code="oauth")
    _authenticate_client()
    grants = {"authorization_code": _grant_by_code, "refresh_token": _grant_by_refresh}
    grant = grants.get(request.form.get("grant_type", ""))
    if grant is None:
        raise Refused(400, "Value passed for the grant type was invalid.", code="oauth")
    with here().store.transaction():
        return jsonify(grant())


def _authenticate_client() -> None:
    """A confidential client shows id and secret by HTTP Basic, and only so."""
    given = request.authorization
    if given is None or given.type != "basic":
        raise Refused(401, "Missing valid authorization header", code="oauth-client")
    pair = f"{given.username}:{given.password}".encode()
    if not hmac.compare_digest(pair, f"{X_CLIENT_ID}:{X_CLIENT_SECRET}".encode()):
        raise Refused(401, "Client id or secret is wrong", code="oauth-client")


def _grant_by_code() -> dict[str, Any]:
    state, code = here(), request.form.get("code", "")
    kept = state.store.get("x.code", code)
    if kept is None or kept["expires_at"] <= state.clock.now():
        raise Refused(400, "Value passed for the authorization code was invalid.", code="oauth")
    if request.form.get("redirect_uri") != kept["redirect_uri"]:
        raise Refused(400, "Value passed for the redirect uri did not match the uri of the authorization code.", code="oauth")
    digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != kept["code_challenge"]:
        raise Refused(400, "Value passed for the code verifier did not match the code challenge.", code="oauth")
    state.store.delete("x.code", code)
    return _issue(kept["account_id"], kept["scope"])


def _grant_by_refresh() -> dict[str, Any]:
    state, old = here(), request.form.get("refresh_token", "")
    kept = state.store.get("x.refresh", old)
    if kept is None:
        raise Refused(400, "Value passed for the token was invalid.", code="oauth")
    state.store.delete("x.refresh", old)
    return _issue(kept["account_id"], kept["scope"])


def _issue(account_id: str, scope: str) -> dict[str, Any]:
    state, access = here(), secrets.token_urlsafe(60)
    held = {"account_id": account_id, "scope": scope}
    state.store.put("x.access", access, held | {"expires_at": state.clock.now() + TOKEN_SECONDS})
    answer = {"token_type": "bearer", "expires_in": TOKEN_SECONDS, "access_token": access, "scope": scope}
    if "offline.access" in scope.split():
        answer["refresh_token"] = secrets.token_urlsafe(60)
        state.store.put("x.refresh", str(answer["refresh_token"]), held)
    return answer


@routes.post("/2/oauth2/revoke")
def revoke() -> Response:
    _authenticate_client()
    for kind in ("x.access", "x.refresh"):
        here().store.delete(kind, request.form.get("token", ""))
    return jsonify(revoked=True)
