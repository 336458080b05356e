"""/members: who belongs to the organisation."""

from __future__ import annotations

from api import members as views
from api.pages.frame import routes, show
from api.permissions import RANKS


@routes.get("/members")
def members() -> str:
    return show("members.html", members=views.index().items, roles=list(RANKS))
