"""/tracking: how events come in, write keys for sites, and short links."""

from __future__ import annotations

from api.pages.frame import queried, routes, show
from api.schemas import PageQuery
from api.tracking import links, write_keys
from core.settings import get_settings


@routes.get("/tracking")
def tracking() -> str:
    return show(
        "tracking.html",
        keys=write_keys.index(PageQuery(limit=200)).items,
        page=links.index(queried(PageQuery)),
        rotating=links.rotatable(),
        address=get_settings().public_url.rstrip("/"),
    )
