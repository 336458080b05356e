"""Rotating links: where a visitor is led by the variant that an experiment or bandit gives them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from flask import request
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from werkzeug.wrappers import Response

from api.experiments.assign import assign_unit
from api.experiments.running import Running, running
from core.errors import Conflict, NotFound

COOKIE = "db_visitor"
COOKIE_PATH = "/l/"
COOKIE_SECONDS = 365 * 24 * 3600


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 1) > 0
    except ValueError:
        is_web = False
    if not is_web or any(ord(c) <= 32 or ord(c) == 127 for c in text):
        raise ValueError("must be an http(s) address without a user name, blanks encoded")
    return text


WebAddress = Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]
_ADDRESS: TypeAdapter[str] = TypeAdapter(WebAddress)


def address_of(value: Any) -> str:
    """The address that a variant's value is, or holds as `url`; empty without one."""
    try:
        return _ADDRESS.validate_python(value.get("url") if isinstance(value, dict) else value)
    except ValidationError:
        return ""


@dataclass(frozen=True)
class Way:
    """Where a click leads. variant: whose address it is, empty for the link's own. visitor: to be known again, empty for nobody."""

    address: str
    variant: str = ""
    visitor: str = ""


def way_of(link: Any, *, is_nobody: bool) -> Way:
    """To the winner once there is one, to the visitor's variant while the experiment runs, else to the link's target."""
    if link.winner and (address := address_of(link.winner.get("value"))):
        return Way(address, link.winner["key"])
    if link.experiment_state != "running" or is_nobody:
        return Way(link.target)
    try:
        return _assigned(running(link.org_id, link.experiment_id), link.target)
    except (Conflict, NotFound):  # stopped since the link was read
        return Way(link.target)


def _assigned(experiment: Running, target: str) -> Way:
    """A draft's values may change after the link was made: with one that leads nowhere nobody is split, as the rest are no fair sample."""
    addresses = {key: address_of(value) for key, value in experiment.values.items()}
    if not all(addresses.values()):
        return Way(target)
    visitor = _visitor()
    variant = assign_unit(experiment, {experiment.split.attribute: visitor}, record=True).variant
    return Way(addresses[variant], variant, visitor) if variant is not None else Way(target, visitor=visitor)


def _visitor() -> str:
    """The cookie's, where it is one of ours; else a new one."""
    try:
        given = uuid.UUID(request.cookies.get(COOKIE, ""))
    except ValueError:
        return str(uuid.uuid4())
    return str(given if given.version == 4 else uuid.uuid4())


def remember(answer: Response, visitor: str) -> None:
    """Let the same browser come as the same visitor, also one whom the experiment left out."""
    answer.set_cookie(COOKIE, visitor, max_age=COOKIE_SECONDS, path=COOKIE_PATH, httponly=True, samesite="Lax", secure=request.is_secure)
