"""The frame that every page stands in: the blueprint, the navigation, and how addresses become queries.

A new page is a view here (`@routes.get`), a template that extends `frame.html`, a row in `NAVIGATION` and one in
api/permissions.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, render_template, request
from pydantic import BaseModel

from api.auth import browser
from api.auth.caller import caller_or_none
from api.permissions import ACCESS, RANKS
from api.validation import checked
from core.settings import get_settings

M = TypeVar("M", bound=BaseModel)

routes = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/pages")


@dataclass(frozen=True)
class Place:
    """A row of the navigation. also: endpoints of pages below it, which light it up too."""

    endpoint: str
    label: str
    icon: str
    also: tuple[str, ...] = ()


NAVIGATION: dict[str, tuple[Place, ...]] = {
    "": (Place("pages.home", "Overview", "home"),),
    "Marketing": (
        Place("pages.campaigns", "Campaigns", "flag", ("pages.campaign", "pages.new_campaign")),
        Place("pages.posts", "Posts", "speech"),
        Place("pages.assets", "Assets", "picture", ("pages.asset",)),
        Place("pages.experiments", "Experiments", "flask", ("pages.experiment", "pages.new_experiment")),
        Place("pages.performance", "Performance", "curve"),
        Place("pages.attribution", "Attribution", "ways"),
        Place("pages.tracking", "Tracking", "tag"),
        Place("pages.mmm", "Marketing mix", "mix", ("pages.mmm_fit",)),
    ),
    "Work": (
        Place("pages.jobs", "Jobs", "drum", ("pages.job",)),
        Place("pages.kinds", "New job", "plus", ("pages.kind",)),
        Place("pages.workers", "Workers", "chip"),
    ),
    "Organization": (
        Place("pages.connections", "Connections", "link"),
        Place("pages.members", "Members", "people"),
        Place("pages.audit", "Audit log", "list"),
        Place("docs.page", "API docs", "code"),
    ),
}


def show(template: str, **values: Any) -> str:
    """A page for the caller."""
    return render_template(template, **values)


def queried(model: type[M], **fixed: Any) -> M:
    """The address's query as an API query; blank fields of a filter form count as not given. Raises InvalidInput."""
    given = {name: value for name, value in request.args.items() if value.strip()}
    return checked(model, {**given, **fixed}, "/query")


def context() -> dict[str, Any]:
    """What every template may use."""
    return {
        "me": caller_or_none(),
        "navigation": _visible(),
        "may": may,
        "csrf": browser.csrf_token,
        "flower_url": get_settings().flower_url,
    }


def may(endpoint: str) -> bool:
    """Whether the caller's role lets them in there; templates hide what it does not."""
    who = caller_or_none()
    needed = RANKS.get(ACCESS[endpoint], 0)
    return needed == 0 or (who is not None and RANKS[who.role] >= needed)


def _visible() -> dict[str, list[Place]]:
    groups = {group: [place for place in places if may(place.endpoint)] for group, places in NAVIGATION.items()}
    return {group: places for group, places in groups.items() if places}
