"""/tracking: how events come in, write keys for sites, and short links."""

from __future__ import annotations

from api.experiments import views
from api.experiments.schemas import ExperimentOut, ExperimentsQuery
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
        rotating=[(str(one.id), one.name) for one in _usable()],
        address=get_settings().public_url.rstrip("/"),
    )


def _usable() -> list[ExperimentOut]:
    """Experiments that a link may lead by, the newest first. Whether their variants are addresses is told when the link is made."""
    found = views.index(ExperimentsQuery(limit=200)).items
    return [one for one in found if one.kind != "holdout" and one.state in ("draft", "running")]
