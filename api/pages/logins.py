"""/login, /register, /logout, and changing to another organisation."""

from __future__ import annotations

import uuid
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request
from pydantic import BaseModel

from api import audit
from api.auth import browser, logins, tokens
from api.auth import views as auth
from api.auth.caller import caller
from api.auth.schemas import Login, Registration, Session
from api.pages.frame import routes, show
from api.validation import checked
from core.errors import DrumbeatError, NotFound
from models.session import engine_session

M = TypeVar("M", bound=BaseModel)


@routes.get("/login")
def login_form() -> Response:
    return _form("login.html")


@routes.get("/register")
def register_form() -> Response:
    return _form("register.html")


@routes.post("/login")
def log_in() -> Response:
    """Log this browser in, by the rules and with the audit entry of POST /v1/auth/login."""
    audit.acting_as("auth.login")
    browser.check_csrf()
    try:
        return _entered(auth.login(_body(Login)))
    except DrumbeatError as error:
        audit.note_denial(error)
        return _form("login.html", error)


@routes.post("/register")
def register() -> Response:
    """Make an account and log it in, as POST /v1/auth/register does."""
    audit.acting_as("auth.register")
    browser.check_csrf()
    try:
        return _entered(auth.register(_body(Registration)))
    except DrumbeatError as error:
        audit.note_denial(error)
        return _form("register.html", error)


@routes.post("/logout")
def log_out() -> Response:
    """End this browser's login."""
    audit.acting_as("auth.logout")
    auth.logout()
    response = make_response(redirect("/login", 303))
    browser.forget(response)
    return response


@routes.post("/organizations/<uuid:id>")
def switch(id: uuid.UUID) -> Response:
    """Go on in another of one's organisations: a login of its own, and the end of this one."""
    who = caller()
    if logins.organization_of(who.user_id, id) is None:
        raise NotFound(f"There is no organization {id}")
    with engine_session() as session:
        tokens.revoke_family(session, who.family)
        audit.note(session, f"user:{who.user_id}", org_id=id)
        return _entered(logins.open_session(session, who.user_id, id, family=uuid.uuid4()))


def _body(model: type[M]) -> M:
    return checked(model, {name: request.form[name] for name in model.model_fields if request.form.get(name)})


def _entered(session: Session) -> Response:
    response = make_response(redirect(_local(request.args.get("next", "")), 303))
    browser.remember(response, session)
    return response


def _local(address: str) -> str:
    """The address if it is one of ours, else the overview: a link to the log-in must not lead elsewhere."""
    parts = urlsplit(address)
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain and not parts.netloc else "/"


def _form(template: str, error: DrumbeatError | None = None) -> Response:
    visit = browser.begin_visit()
    response = make_response(show(template, error=error, visit_csrf=browser.csrf_token(visit)), error.status if error else 200)
    browser.keep_visit(response, visit)
    return response
