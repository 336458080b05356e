"""/assets: the library, and one asset with its versions."""

from __future__ import annotations

import uuid

from api.assets import versions, views
from api.assets.schemas import AssetsQuery
from api.pages.frame import queried, routes, show
from api.schemas import ById
from core.settings import get_settings

SHOWN = 48


@routes.get("/assets")
def assets() -> str:
    query = queried(AssetsQuery, limit=SHOWN)
    return show("assets.html", page=views.index(query), query=query, largest=get_settings().max_upload_bytes)


@routes.get("/assets/<uuid:id>")
def asset(id: uuid.UUID) -> str:
    path = ById(id=id)
    return show("asset.html", asset=views.show(path), versions=versions.versions(path).items)
