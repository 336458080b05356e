"""Drumbeat's HTTP API as the commands use it: a login kept in the state folder, problems as our own errors."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator
from typing import Any

import requests

from cli.state import State
from core.errors import DrumbeatError, Unauthenticated, Unavailable, every_error

SESSION = "session.json"
LOG_IN = "Log in with ./drumbeat login, or set DRUMBEAT_TOKEN."
Timeout = tuple[float, float]  # seconds: to connect, between two bytes
RECONNECT_SECONDS = 1.0
SILENCE_SECONDS = 60  # the server sends a keep-alive every ten


class Client:
    """Requests against one platform. A given token is used as it is; a kept login is refreshed when it expires."""

    def __init__(self, state: State, *, url: str | None = None, token: str | None = None) -> None:
        self._state = state
        self._token = token
        self._http = requests.Session()
        self._http.trust_env = False  # no proxy stands between us and our own platform
        running = state.read("state.json").get("urls", {}).get("api")
        self.url = (url or running or state.read(SESSION).get("url") or "http://127.0.0.1:8000").rstrip("/")

    def get(self, path: str, **query: Any) -> Any:
        return self._request("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        """headers: underscores become dashes, `Idempotency_Key="…"`."""
        return self._request("POST", path, json=body or {}, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def upload(self, path: str, content: bytes, name: str, **fields: str) -> Any:
        """A file and text fields as a form."""
        return self._request("POST", path, files={"file": (name, content)}, data=fields)

    def open_session(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Register or log in, and keep the tokens."""
        answer = self._send("POST", path, json=body)
        session: dict[str, Any] = self._read(answer)
        self._keep(session)
        return session

    def absolute(self, link: str | None) -> str | None:
        """A link of the API as an address that a browser can open."""
        return link and (self.url + link if link.startswith("/") else link)

    def visit(self, url: str) -> Any:
        """Open an address as a browser would, with this client's cookies, over its redirects; the last answer's JSON."""
        return self._read(self._http.get(url, headers={"Accept": "application/json"}, timeout=60))

    def events(self, job_id: str) -> Iterator[dict[str, Any]]:
        """A job's events from the first to its end, once each, over as many connections as it takes."""
        seen = 0
        while True:
            try:
                for event in self._stream(job_id, seen):
                    seen = event["seq"]
                    yield event
            except requests.RequestException:
                time.sleep(RECONNECT_SECONDS)
            if self.get(f"/v1/jobs/{job_id}")["state"] in ("succeeded", "failed", "cancelled") and not self._has_more(job_id, seen):
                return

    def _has_more(self, job_id: str, seen: int) -> bool:
        return bool(self.get(f"/v1/jobs/{job_id}/events", after=seen)["items"])

    def _stream(self, job_id: str, after: int) -> Iterator[dict[str, Any]]:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        answer = self._authorised("GET", f"/v1/jobs/{job_id}/events", headers=headers, stream=True, timeout=(10, SILENCE_SECONDS))
        with answer:
            self._check(answer)
            for line in answer.iter_lines(chunk_size=1):
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    def _request(self, method: str, path: str, **more: Any) -> Any:
        return self._read(self._authorised(method, path, **more))

    def _authorised(self, method: str, path: str, **more: Any) -> requests.Response:
        token = self._token or self._kept_token()
        answer = self._send(method, path, token=token, **more)
        if answer.status_code == 401 and self._token is None:
            answer = self._send(method, path, token=self._refreshed(token), **more)
        return answer

    def _kept_token(self) -> str:
        session = self._state.read(SESSION)
        if session.get("url") != self.url:
            raise Unauthenticated(f"There is no login for {self.url}", hint=LOG_IN)
        token: str = session["access_token"]
        return token

    def _refreshed(self, old: str) -> str:
        """A new access token. A refresh token works once, so commands that run side by side take turns."""
        with (self._state.folder / "session.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            session = self._state.read(SESSION)
            if session["access_token"] == old:
                answer = self._send("POST", "/v1/auth/refresh", json={"refresh_token": session["refresh_token"]})
                if answer.status_code == 401:
                    raise Unauthenticated("The kept login has expired", hint=LOG_IN)
                session = self._read(answer)
                self._keep(session)
            token: str = session["access_token"]
            return token

    def _keep(self, session: dict[str, Any]) -> None:
        kept = {name: session[name] for name in ("access_token", "refresh_token")}
        self._state.write(SESSION, {"url": self.url, **kept})

    def _send(self, method: str, path: str, *, token: str = "", timeout: Timeout = (10, 60), **more: Any) -> requests.Response:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            return self._http.request(method, self.url + path, headers=headers, timeout=timeout, **more)
        except requests.ConnectionError:
            raise Unavailable(f"Nothing answers at {self.url}", hint="Start it with ./drumbeat up, or name it with --url.") from None

    def _read(self, answer: requests.Response) -> Any:
        self._check(answer)
        return answer.json() if answer.content else None

    def _check(self, answer: requests.Response) -> None:
        if not answer.ok:
            raise problem(answer)


def problem(answer: requests.Response) -> DrumbeatError:
    """The server's problem object as the error that it was there."""
    try:
        body = answer.json()
    except ValueError:
        return Unavailable(f"{answer.url} answered {answer.status_code} without a problem object", hint="Is this Drumbeat's API?")
    known = {error.code: error for error in every_error()}
    kind = known.get(body.get("code", ""), DrumbeatError)
    return kind(body.get("detail", ""), hint=body.get("hint", ""), errors=body.get("errors"))
