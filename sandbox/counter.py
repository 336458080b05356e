"""A vendor of nothing: effects that only count. For storms and tests that need no marketing.

POST /counter/effects makes an effect each time it is called, as a post would be made: no idempotency key.
POST /counter/paid is a billed call that may be repeated.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from sandbox.faults import active_fault
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, read_json

routes = Blueprint("counter", __name__)
PRICE = "0.0100"


class Effect(Strict):
    key: str


def _record(kind: str, key: str) -> int:
    state = here()
    return state.ledger.record("counter", kind, key, {"key": key}, at=state.clock.now())


@routes.post("/effects")
def make_effect() -> tuple[Response, int]:
    return jsonify(id=_record("effect", read_json(Effect).key)), 201


@routes.get("/effects")
def find_effects() -> Response:
    key = request.args.get("key")
    if not key:
        raise Refused(400, "The query parameter key is missing")
    state, rule = here(), active_fault()
    found = state.ledger.effects(vendor="counter", kind="effect", key=key)
    if rule and rule.mode == "hide":
        found = [effect for effect in found if effect["at"] <= state.clock.now() - rule.seconds]
    return jsonify(effects=[{"id": effect["id"], "key": effect["key"], "at": effect["at"]} for effect in found])


@routes.post("/paid")
def make_paid() -> tuple[Response, int]:
    return jsonify(id=_record("paid", read_json(Effect).key), cost=PRICE), 201


vendor = Vendor("counter", routes, lambda refused: {"error": str(refused)})
