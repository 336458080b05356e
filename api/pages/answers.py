"""What a browser gets where a program gets JSON: problems as a page, a login first, a way back from the vendor."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from flask import Flask, Response, redirect, render_template, request, url_for

from api.problems import PROBLEM_JSON


def install(app: Flask) -> None:
    app.after_request(_for_people)


def navigates() -> bool:
    """Whether a person's browser asks for a page; a fetch of ours or a program does not prefer HTML."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _for_people(response: Response) -> Response:
    if (request.blueprint or "") == "pages" and request.endpoint != "pages.static":
        response.headers["Cache-Control"] = "no-store"
    if not navigates():
        return response
    if response.mimetype == PROBLEM_JSON:
        return _problem_page(response)
    if request.endpoint == "connections.callback" and response.status_code == 200:
        return _moved(url_for("pages.connections", connected=json.loads(response.get_data())["account_name"]))
    return response


def _problem_page(response: Response) -> Response:
    if response.status_code == 401 and request.method == "GET":
        return _moved(url_for("pages.login_form") + "?" + urlencode({"next": request.full_path.rstrip("?")}))
    problem = json.loads(response.get_data())
    response.set_data(render_template("problem.html", problem=problem))
    response.mimetype = "text/html"
    return response


def _moved(address: str) -> Response:
    return redirect(address, 303, Response)  # type: ignore[return-value]
