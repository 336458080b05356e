"""/history: the brand's past as JSON and CSV, with its truth."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.history import market, people, trial
from sandbox.vendor import Refused, Vendor

routes = Blueprint("history", __name__)
_MOST_WEEKS = 26


@routes.get("/weeks.json")
def weeks() -> Response:
    return jsonify(market.weekly_rows())


@routes.get("/weeks.csv")
def weeks_csv() -> Response:
    return _csv(market.weekly_rows())


@routes.get("/spend.csv")
def spend_csv() -> Response:
    """`?weeks=` of the last weeks, day by day."""
    return _csv(market.spend_rows(min(max(request.args.get("weeks", 8, int), 1), _MOST_WEEKS)))


@routes.get("/events.json")
def events() -> Response:
    return jsonify(people.events())


@routes.post("/purchases")
def purchases() -> Response:
    """Body `{"unit": place of the variant it saw, ...}`: the purchases that follow."""
    shown = request.get_json()
    if not isinstance(shown, dict) or not all(isinstance(place, int) for place in shown.values()):
        raise Refused(422, "send an object of units and the places of their variants")
    return jsonify(trial.purchases(shown))


@routes.get("/truth.json")
def truth() -> Response:
    return jsonify(market=market.truth(), people=people.truth(), trial=trial.truth())


def _csv(rows: list[dict[str, Any]]) -> Response:
    written = io.StringIO()
    table = csv.DictWriter(written, rows[0].keys(), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return Response(written.getvalue(), mimetype="text/csv")


vendor = Vendor("history", routes, lambda refused: {"error": str(refused)})
