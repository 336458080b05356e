"""Assignments: how many a second one core makes in process, and what is left of them over HTTP with exposures written."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import bcrypt
import requests

from benchmarks.row import Row
from benchmarks.stack import START_SECONDS, BenchStack
from cli.keeping import Kept
from cli.ports import free_port
from cli.procfile import ROOT
from core.errors import Unavailable
from models import Membership, User
from models.session import engine_session
from pipelines.experiments.assignment import Split, assign
from pipelines.experiments.features import namespace_filter
from pipelines.experiments.split import first_split

PEER = 20_000.0  # assignments a second and core of a peer's SDK in Python, as measured when this was designed
UNITS = 200_000
CLIENTS = 8
REQUESTS = 2_000
BATCHES = 40
BATCH = 1_000
PASSWORD = "correct horse battery staple"
EXPERIMENT = {
    "key": "bench",
    "name": "Bench",
    "variants": [{"key": key} for key in "abc"],
    "metrics": [{"key": "purchase", "role": "primary", "event": "purchase"}],
    "condition": {"country": {"$in": ["NL", "BE"]}},
}


def rows() -> list[Row]:
    """assign-http: requests a second of one server process; its peer is the same person's GET /v1/me in the same run."""
    in_process = _in_process()
    with BenchStack() as stack, _api(stack) as url:
        person = _Person(url, stack)
        path = f"/v1/experiments/{person.started()}/assign"
        nothing = _rate(lambda _: person.get("/v1/me"), REQUESTS)
        single = _rate(lambda n: person.post(path, {"attributes": {"id": f"u{n}", "country": "NL"}}), REQUESTS)
        units = [{"id": f"b{n}", "country": "NL"} for n in range(BATCH)]
        many = BATCH * _rate(lambda n: person.post(path, {"units": [one | {"id": f"{one['id']}-{n}"} for one in units]}), BATCHES)
    return [
        Row("assign", in_process, PEER, "assignments/s/core"),
        Row("assign-http", single, nothing, "requests/s"),
        Row("assign-http-batch", many, PEER, "assignments/s"),
    ]


def _in_process() -> float:
    """With a condition and a namespace, every unit another one."""
    split = Split(
        uuid.uuid4().hex,
        ("a", "b", "c"),
        tuple(first_split([1 / 3] * 3)),
        condition={"country": {"$in": ["NL", "BE"]}},
        filters=(namespace_filter("checkout", 0.0, 0.9, "id"),),
    )
    people = [{"id": f"user-{n}", "country": "NL"} for n in range(UNITS)]
    begun = time.process_time()
    for person in people:
        assign(split, person)
    return UNITS / (time.process_time() - begun)


@contextmanager
def _api(stack: BenchStack) -> Iterator[str]:
    """The API as it is deployed: one gunicorn process with threads."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", stack.home / "api.log"
    words = ["--config", "python:api.serving", "--bind", f"127.0.0.1:{port}", "api.wsgi:app"]
    command, settings = [sys.executable, "-m", "gunicorn", *words], {"PUBLIC_URL": url, "RATE_LIMIT_REQUESTS": "100000000"}
    kept = Kept(command, pidfile=stack.home / "api.pid", log=log, environment=settings, cwd=ROOT, grace=10)
    try:
        _wait_until_it_answers(url, kept)
        yield url
    finally:
        kept.stop()


def _wait_until_it_answers(url: str, kept: Kept) -> None:
    deadline = time.monotonic() + START_SECONDS
    while kept.is_up and time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/livez", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise Unavailable("The API did not start")


class _Person:
    """A member who is logged in; each thread has a connection of its own."""

    def __init__(self, url: str, stack: BenchStack) -> None:
        self._url = url
        self._sessions: list[requests.Session] = []
        body = {"email": _member(stack), "password": PASSWORD, "organization_id": str(stack.org_id)}
        answer = requests.post(f"{url}/v1/auth/login", json=body, timeout=30)
        answer.raise_for_status()
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def started(self) -> str:
        """A running experiment's id."""
        made = self.post("/v1/experiments", EXPERIMENT).json()["id"]
        self.post(f"/v1/experiments/{made}/start", {})
        return str(made)

    def get(self, path: str) -> requests.Response:
        return self._sent("GET", path)

    def post(self, path: str, body: Any) -> requests.Response:
        return self._sent("POST", path, json=body)

    def _sent(self, method: str, path: str, **more: Any) -> requests.Response:
        session = self._sessions.pop() if self._sessions else requests.Session()
        answer = session.request(method, self._url + path, headers=self._headers, timeout=30, **more)
        answer.raise_for_status()
        self._sessions.append(session)
        return answer


def _member(stack: BenchStack) -> str:
    user = User(
        id=uuid.uuid4(), email="bench@example.com", name="Bench", password_hash=bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    )
    with engine_session() as session:
        session.add(user)
        session.flush()
        session.add(Membership(org_id=stack.org_id, user_id=user.id, role="member"))
    return user.email


def _rate(send: Callable[[int], object], count: int) -> float:
    """Calls a second by CLIENTS threads, which share the machine with the server."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(send, range(count // 10)))
        begun = time.monotonic()
        list(pool.map(send, range(count, 2 * count)))
        return count / (time.monotonic() - begun)
