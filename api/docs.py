"""/openapi.json and, for people, /docs: Swagger UI from this machine, without inline scripts."""

from __future__ import annotations

from pathlib import Path

import flask_openapi_swagger
from flask import Blueprint, Response, current_app, send_from_directory
from pydantic_core import to_json

ASSETS = Path(flask_openapi_swagger.__file__).parent / "templates" / "swagger"

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drumbeat API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/css/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/js/swagger-ui-bundle.js"></script>
<script src="/static/docs.js"></script>
</body>
</html>
"""

routes = Blueprint("docs", __name__)


@routes.get("/openapi.json")
def spec() -> Response:
    return Response(to_json(current_app.api_doc), mimetype="application/json")  # type: ignore[attr-defined]


@routes.get("/docs")
def page() -> Response:
    return Response(PAGE, mimetype="text/html")


@routes.get("/docs/assets/<path:name>")
def asset(name: str) -> Response:
    return send_from_directory(ASSETS, name, max_age=86400)
