"""/connections: accounts at social networks."""

from __future__ import annotations

from flask import request

from api.connections import views
from api.pages.frame import routes, show
from providers import registry


@routes.get("/connections")
def connections() -> str:
    connected = request.args.get("connected", "")
    return show("connections.html", connections=views.index().items, channels=registry.channels(), connected=connected)
