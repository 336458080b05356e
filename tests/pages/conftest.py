"""People at a browser: first one without JavaScript (Flask's client), then Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.api.conftest import (  # noqa: F401  (fixtures)
    _no_job_outlives_its_test,
    admin,
    app,
    hold,
    log_in,
    make_campaign,
    make_job,
    nobody,
)
from tests.people import Person

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Visitor:
    """A browser with its cookies. `see` navigates, `send` is what our ES modules do."""

    http: FlaskClient

    def see(self, path: str) -> TestResponse:
        return self.http.get(path, headers=HTML)

    def submit(self, path: str, csrf: str | None = None, **fields: str) -> TestResponse:
        token = csrf if csrf is not None else form_token(self.see(path).text)
        return self.http.post(path, data={"csrf_token": token, **fields}, headers=HTML)

    def send(self, method: str, path: str, body: Any = None, csrf: str | None = None) -> TestResponse:
        token = csrf if csrf is not None else self.token()
        return self.http.open(path, method=method, json=body if body is not None else {}, headers={"X-CSRF-Token": token} if token else {})

    def token(self) -> str:
        found = re.search(r'<meta name="csrf" content="(\w+)">', self.see("/account").text)
        assert found
        return found[1]


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    return found[1] if found else ""


@pytest.fixture
def visitor(app: Flask) -> Visitor:  # noqa: F811
    """A browser without a login."""
    return Visitor(app.test_client())


@pytest.fixture
def enter(app: Flask) -> Callable[[Person], Visitor]:  # noqa: F811
    """`enter(person)` -> their browser, logged in by the form."""

    def entered(person: Person) -> Visitor:
        one = Visitor(app.test_client())
        answer = one.submit("/login", email=person.email, password=person.password)
        assert answer.status_code == 303, answer.text
        return one

    return entered


@pytest.fixture
def browser(user: Person, enter: Callable[[Person], Visitor]) -> Visitor:
    """The browser of the admin of `organization`."""
    return enter(user)


@pytest.fixture
def viewer_browser(make_user: Callable[..., Person], enter: Callable[[Person], Visitor]) -> Visitor:
    return enter(make_user("viewer"))
