"""Plotly's script, out of its own wheel: nothing of others is in the repository, nothing comes from another host."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from flask import Response, send_from_directory, url_for

from api import headers
from api.pages.frame import routes

DAY_SECONDS = 24 * 3600


def folder() -> Path:
    """Where the wheel keeps it; found without importing plotly."""
    found = importlib.util.find_spec("plotly")
    assert found
    assert found.origin
    return Path(found.origin).parent / "package_data"


@routes.get("/plotly.min.js")
def plotly() -> Response:
    return send_from_directory(folder(), "plotly.min.js", max_age=DAY_SECONDS)


def plotly_address() -> str:
    """For templates: where the script is. A page that asks gets the content policy that drawing needs."""
    headers.allow_charts()
    return url_for("pages.plotly")
