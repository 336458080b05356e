"""The cookie at the API: enough to read, and with the CSRF token to change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.conftest import CAMPAIGN
from tests.pages.conftest import Visitor
from tests.pages.test_logins import entries
from tests.people import Person


def test_the_cookie_reads(browser: Visitor) -> None:
    """A GET of the API, as EventSource and images send it, needs only the cookie."""
    assert browser.http.get("/v1/me").status_code == 200


def test_the_cookie_changes_with_its_token(browser: Visitor, user: Person) -> None:
    """With the token, the call does what a bearer token would, with the same audit entry."""
    assert browser.send("POST", "/v1/campaigns", CAMPAIGN).status_code == 201
    assert ("campaigns.create", "done") in entries(user.org_id)


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_without_the_token_nothing_changes(browser: Visitor, user: Person, method: str) -> None:
    """A request that another site could have caused is refused and noted."""
    path = "/v1/campaigns" if method == "POST" else f"/v1/campaigns/{user.id}"
    assert browser.send(method, path, CAMPAIGN, csrf="").status_code == 403
    assert entries(user.org_id)[-1][1] == "denied"


def test_a_token_holds_for_its_own_session(browser: Visitor, user: Person, enter: Callable[[Person], Visitor]) -> None:
    """The token of another login, even of the same person, does not fit."""
    assert browser.send("POST", "/v1/campaigns", CAMPAIGN, csrf=enter(user).token()).status_code == 403


def test_a_bearer_token_alone_counts(browser: Visitor) -> None:
    """Whoever sends an Authorization header is judged by it, whatever cookie comes along."""
    answer = browser.http.get("/v1/me", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_roles_hold_for_the_cookie(viewer_browser: Visitor) -> None:
    """A viewer's cookie with its token is still a viewer's."""
    assert viewer_browser.send("POST", "/v1/campaigns", CAMPAIGN).status_code == 403
