"""Talking to the played vendors by hand: no client of ours in between."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox import credentials
from tests.stack import SandboxProcess

CALLBACK = "http://127.0.0.1:8000/callback"
SCOPES = "tweet.read tweet.write users.read media.write offline.access"


@dataclass
class Vendor:
    """Requests below one vendor's prefix, each with the given headers."""

    root: str
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = self.headers | more.pop("headers", {})
        return requests.request(method, self.root + path, headers=headers, timeout=30, allow_redirects=False, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.ask("POST", path, **more)


@pytest.fixture
def openrouter(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/openrouter/api/v1", {"Authorization": f"Bearer {credentials.OPENROUTER_KEY}"})


@pytest.fixture
def perplexity(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/perplexity", {"Authorization": f"Bearer {credentials.PERPLEXITY_KEY}"})


@pytest.fixture
def segmind(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/segmind", {"x-api-key": credentials.SEGMIND_KEY})


@pytest.fixture
def elevenlabs(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/elevenlabs", {"xi-api-key": credentials.ELEVENLABS_KEY})


@pytest.fixture
def firecrawl(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/firecrawl/v2", {"Authorization": f"Bearer {credentials.FIRECRAWL_KEY}"})


@pytest.fixture
def removebg(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/removebg/v1.0", {"X-Api-Key": credentials.REMOVEBG_KEY})


@pytest.fixture
def counter(sandbox: SandboxProcess) -> Vendor:
    return Vendor(f"{sandbox.url}/counter")


class Connection:
    """X's OAuth as a client goes through it, step by step."""

    def __init__(self, root: str) -> None:
        self.x = Vendor(root)
        self.verifier = secrets.token_urlsafe(48)

    def code(self, **changed: str) -> str:
        answer = self.authorize(**changed)
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    def authorize(self, **changed: str) -> requests.Response:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {"response_type": "code", "client_id": credentials.X_CLIENT_ID, "redirect_uri": CALLBACK, "scope": SCOPES, "state": "s1"}
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"} | changed
        return self.x.get("/i/oauth2/authorize", params=query)

    def token(self, **form: str) -> requests.Response:
        return self.x.post("/2/oauth2/token", data=form, auth=(credentials.X_CLIENT_ID, credentials.X_CLIENT_SECRET))

    def exchange(self, code: str, **changed: str) -> requests.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": self.verifier}
        return self.token(**(form | changed))


@pytest.fixture
def connection(sandbox: SandboxProcess) -> Connection:
    return Connection(f"{sandbox.url}/x")


@pytest.fixture
def x(connection: Connection) -> Vendor:
    """X with the bearer token of a connected account."""
    token = connection.exchange(connection.code()).json()["access_token"]
    return Vendor(connection.x.root, {"Authorization": f"Bearer {token}"})
