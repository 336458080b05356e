"""An application, and people who call it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from werkzeug.test import TestResponse

from api.app import create_app
from core.settings import get_settings
from models import Organization
from models.session import engine_session
from tests.api import kinds
from tests.people import Person

CAMPAIGN = {"name": "Spring", "domain": "lumen.example", "goal": "More people who try it", "channels": ["x"], "budget": "20.00"}
DRUMS = kinds.drums.name
HOLD = "UPDATE job_steps SET state = 'waiting', waits_for = :waits_for, wait_reason = 'waits' WHERE job_id = :job AND position = 0"


class Answer(TestResponse):
    """A response whose JSON is there to be looked into."""

    @property
    def json(self) -> Any:
        return self.get_json()


@dataclass
class Api:
    """A client of the application with one person's token."""

    http: FlaskClient
    token: str = ""

    def call(self, method: str, path: str, **more: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return cast("Answer", self.http.open(path, method=method, headers=headers | more.pop("headers", {}), **more))

    def get(self, path: str, **more: Any) -> Answer:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.call("POST", path, **({"json": body if body is not None else {}} if "data" not in more else {}), **more)

    def patch(self, path: str, body: Any, **more: Any) -> Answer:
        return self.call("PATCH", path, json=body, **more)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def upload(self, path: str = "/v1/assets", content: bytes | None = None, filename: str = "drum.png", **fields: str) -> Answer:
        file = (io.BytesIO(png() if content is None else content), filename)
        return self.call("POST", path, data={"file": file, **fields}, content_type="multipart/form-data")


def png(colour: str = "teal") -> bytes:
    """A small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def app(database_url: str, redis_url: str) -> Flask:
    """One application for tests that need no settings of their own; its rate limits are out of the way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RATE_LIMIT_REQUESTS", "1000000")
        get_settings.cache_clear()
        made = create_app()
    get_settings.cache_clear()
    return made


@pytest.fixture(autouse=True)
def _no_job_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Jobs that nobody runs would stand in the queue before those of other tests."""
    yield
    if "app" in request.fixturenames:
        with engine_session() as session:
            session.execute(text("UPDATE job_steps SET state = 'cancelled' WHERE state IN ('blocked', 'ready', 'waiting')"))
            session.execute(text("UPDATE jobs SET state = 'cancelled' WHERE state IN ('queued', 'running', 'waiting')"))


@pytest.fixture
def anonymous(app: Flask) -> Api:
    """A client without a login."""
    return Api(app.test_client())


@pytest.fixture
def log_in(app: Flask) -> Callable[[Person], Api]:
    """`log_in(person)` -> their client."""

    def logged_in(person: Person) -> Api:
        api = Api(app.test_client())
        body = {"email": person.email, "password": person.password, "organization_id": str(person.org_id)}
        return Api(api.http, api.post("/v1/auth/login", body).json["access_token"])

    return logged_in


@pytest.fixture
def admin(user: Person, log_in: Callable[[Person], Api]) -> Api:
    """The admin of `organization`."""
    return log_in(user)


@pytest.fixture
def member(make_user: Callable[..., Person], log_in: Callable[[Person], Api]) -> Api:
    return log_in(make_user("member"))


@pytest.fixture
def viewer(make_user: Callable[..., Person], log_in: Callable[[Person], Api]) -> Api:
    return log_in(make_user("viewer"))


@pytest.fixture
def stranger(make_organization: Callable[..., Organization], make_user: Callable[..., Person], log_in: Callable[[Person], Api]) -> Api:
    """The admin of another organisation."""
    return log_in(make_user("admin", org_id=make_organization("Another").id))


@pytest.fixture
def make_campaign(admin: Api) -> Callable[..., str]:
    """`make_campaign(budget="5")` -> the new campaign's id."""

    def make(**changes: Any) -> str:
        answer = admin.post("/v1/campaigns", CAMPAIGN | changes)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    return make


@pytest.fixture
def make_job(admin: Api) -> Callable[..., str]:
    """`make_job(params={"beats": 2})` -> the new job's id; no worker takes it."""

    def make(kind: str = DRUMS, **body: Any) -> str:
        answer = admin.post("/v1/jobs", {"kind": kind, **body})
        assert answer.status_code == 202, answer.json
        return str(answer.json["id"])

    return make


@pytest.fixture
def hold() -> Callable[[str, str], None]:
    """`hold(job_id, "approval")` -> the job's first step waits for that, as if a worker had run it."""

    def wait(job_id: str, waits_for: str) -> None:
        with engine_session() as session:
            values = {"job": job_id, "waits_for": waits_for}
            session.execute(text("UPDATE jobs SET state = 'waiting' WHERE id = :job"), values)
            session.execute(text(HOLD), values)

    return wait


@pytest.fixture
def nobody() -> str:
    """An id that belongs to no row."""
    return str(uuid.uuid4())
