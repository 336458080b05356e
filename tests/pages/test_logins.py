"""Logging in, registering, logging out, changing the organisation."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from models import AuditEntry, Membership, Organization
from models.session import engine_session
from tests.pages.conftest import Visitor, form_token
from tests.people import Person


def entries(org_id: uuid.UUID) -> list[tuple[str, str]]:
    """(action, outcome) of the organisation's audit log, in order."""
    with engine_session() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.outcome).where(AuditEntry.org_id == org_id).order_by(AuditEntry.id))
        return [(row[0], row[1]) for row in rows]


def test_the_right_password_opens_the_pages(visitor: Visitor, user: Person) -> None:
    """After the form, the browser sees its organisation's pages."""
    answer = visitor.submit("/login", email=user.email, password=user.password)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Log out" in visitor.see("/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor, user: Person) -> None:
    """The session's cookie is HttpOnly and SameSite=Lax."""
    answer = visitor.submit("/login", email=user.email, password=user.password)
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("drumbeat_session="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_a_wrong_password_is_told_and_noted(visitor: Visitor, user: Person) -> None:
    """The form comes back with the error, and the audit log has the API's own entry."""
    answer = visitor.submit("/login", email=user.email, password="wrong password here")
    assert answer.status_code == 401
    assert "E-mail or password is wrong" in answer.text
    assert ("auth.login", "denied") in entries(user.org_id)


def test_a_forged_form_logs_nobody_in(visitor: Visitor, user: Person) -> None:
    """The log-in form works only with the token made for this browser, so nobody is logged into another's account."""
    answer = visitor.submit("/login", csrf="0" * 64, email=user.email, password=user.password)
    assert answer.status_code == 403
    assert visitor.see("/").status_code == 303


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_a_login_leads_nowhere_else(visitor: Visitor, user: Person, next_: str) -> None:
    """`next` is followed within Drumbeat only."""
    token = form_token(visitor.see("/login").text)
    answer = visitor.http.post(
        "/login", query_string={"next": next_}, data={"csrf_token": token, "email": user.email, "password": user.password}
    )
    assert answer.headers["Location"] == "/"


def test_whoever_asked_for_a_page_gets_it_after_the_login(visitor: Visitor, user: Person) -> None:
    """Without a login a page leads to the form, which leads back."""
    asked = visitor.see("/jobs?state=failed")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/login?next=%2Fjobs%3Fstate%3Dfailed")
    token = form_token(visitor.see(asked.headers["Location"]).text)
    answer = visitor.http.post(asked.headers["Location"], data={"csrf_token": token, "email": user.email, "password": user.password})
    assert answer.headers["Location"] == "/jobs?state=failed"


def test_after_the_logout_the_cookie_is_worthless(browser: Visitor, user: Person) -> None:
    """A copy of the cookie does not outlive the logout."""
    copy = browser.http.get_cookie("drumbeat_session")
    assert copy
    browser.submit("/logout", csrf=browser.token())
    browser.http.set_cookie("drumbeat_session", copy.value)
    assert browser.see("/").status_code == 303
    assert ("auth.logout", "done") in entries(user.org_id)


def test_a_changed_cookie_is_no_login(browser: Visitor) -> None:
    """A cookie that we did not sign counts as none."""
    copy = browser.http.get_cookie("drumbeat_session")
    assert copy
    browser.http.set_cookie("drumbeat_session", copy.value[:-2] + "xx")
    assert browser.see("/").status_code == 303


def test_registering_makes_an_organization_and_logs_in(visitor: Visitor) -> None:
    """The form of the API's register: the newcomer is the admin."""
    email = f"{uuid.uuid4().hex}@example.com"
    answer = visitor.submit("/register", email=email, password="violet kettle drum 9", name="Ada", organization="Lumen")
    assert answer.status_code == 303
    assert "Lumen · admin" in visitor.see("/").text


def test_faults_of_a_registration_stand_at_their_fields(visitor: Visitor) -> None:
    """A weak password is told under the password, and what was typed elsewhere is still there."""
    page = visitor.submit("/register", email="ada@example.com", password="short").text
    assert '<p class="invalid" id="password-help">shorter than 10 characters' in page
    assert 'value="ada@example.com"' in page


def test_changing_the_organization(browser: Visitor, user: Person, make_organization: Callable[..., Organization], nobody: str) -> None:
    """A member of two organisations changes over; somebody else's organisation is not found."""
    other = make_organization("The other one")
    with engine_session() as session:
        session.add(Membership(org_id=other.id, user_id=user.id, role="viewer"))
    assert browser.submit(f"/organizations/{nobody}", csrf=browser.token()).status_code == 404
    assert browser.submit(f"/organizations/{other.id}", csrf=browser.token()).status_code == 303
    assert "The other one · viewer" in browser.see("/").text
    assert ("pages.switch", "done") in entries(other.id)
