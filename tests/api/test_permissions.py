"""The table roles × routes, row by row."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.routing import Rule

from api.permissions import ACCESS, PUBLIC, RANKS
from tests.api.conftest import Api
from tests.people import Person

API = {endpoint: role for endpoint, role in ACCESS.items() if not endpoint.startswith("pages.")}  # pages send people to the login instead
GUARDED = sorted(endpoint for endpoint, role in API.items() if role != PUBLIC)
OPEN = sorted(endpoint for endpoint, role in API.items() if role == PUBLIC)


def rule_of(app: Flask, endpoint: str) -> Rule:
    return next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)


def visit(app: Flask, api: Api, endpoint: str) -> int:
    """The status of a request to the route, with ids of nothing and an empty body."""
    rule = rule_of(app, endpoint)
    values = {name: uuid.uuid4() if name == "id" else "x" for name in rule.arguments}
    with app.test_request_context():
        path = app.url_map.bind("localhost").build(endpoint, values)
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    return api.call(method, path, **({} if method == "GET" else {"json": {}})).status_code


def test_every_route_is_in_the_table(app: Flask) -> None:
    """No route without a row, no row without a route."""
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == ACCESS.keys()


def test_each_route_takes_one_method(app: Flask) -> None:
    """A row of the table is one action: no endpoint serves two methods."""
    for rule in app.url_map.iter_rules():
        assert len((rule.methods or set()) - {"HEAD", "OPTIONS"}) == 1, rule


@pytest.mark.parametrize("endpoint", GUARDED)
def test_without_a_login_nothing_is_served(app: Flask, anonymous: Api, endpoint: str) -> None:
    """A guarded route answers 401 to a caller without a token."""
    assert visit(app, anonymous, endpoint) == 401


@pytest.mark.parametrize("endpoint", OPEN)
def test_public_routes_ask_for_no_login(app: Flask, anonymous: Api, endpoint: str) -> None:
    """A public route does not answer 401; it may ask for proof of its own."""
    assert visit(app, anonymous, endpoint) != 401


@pytest.mark.parametrize("role", RANKS)
@pytest.mark.parametrize("endpoint", GUARDED)
def test_roles(app: Flask, make_user: Callable[..., Person], log_in: Callable[[Person], Api], endpoint: str, role: str) -> None:
    """A role below the table's is refused, one at or above it gets past the guard."""
    status = visit(app, log_in(make_user(role)), endpoint)
    if RANKS[role] < RANKS[ACCESS[endpoint]]:
        assert status == 403
    else:
        assert status not in (401, 403)


def test_a_kind_may_ask_for_a_higher_role(member: Api, admin: Api) -> None:
    """A job kind's own role counts on top of the route's."""
    assert member.post("/v1/jobs", {"kind": "test.guarded"}).status_code == 403
    assert admin.post("/v1/jobs", {"kind": "test.guarded"}).status_code == 202
