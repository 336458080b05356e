"""/_sandbox: read the ledger, order faults, turn the clock, start afresh. Open to whoever reaches loopback."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.faults import Rule
from sandbox.state import here
from sandbox.vendor import Refused, Vendor
from sandbox.x_limits import forget as forget_windows

routes = Blueprint("control", __name__)
Model = TypeVar("Model", bound=BaseModel)


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advance: float = Field(gt=0, description="seconds")


class RateLimits(BaseModel):
    model_config = ConfigDict(extra="forbid")
    enforced: bool


def _read(model: type[Model], value: Any) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Refused(422, "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())) from None


@routes.get("/health")
def health() -> Response:
    return jsonify(status="ok")


@routes.get("/ledger")
def ledger() -> Response:
    """Filters: vendor, kind, key, since (an effect's id; only later ones are listed)."""
    wanted = {name: request.args.get(name, "") for name in ("vendor", "kind", "key")}
    return jsonify(here().ledger.effects(**wanted, since=request.args.get("since", 0, int)))


@routes.post("/faults")
def add_faults() -> tuple[Response, int]:
    """One rule, or a list of them."""
    body = request.get_json()
    rules = [_read(Rule, item) for item in (body if isinstance(body, list) else [body])]
    added = [here().faults.add(rule).model_dump() for rule in rules]
    return jsonify(added if isinstance(body, list) else added[0]), 201


@routes.get("/faults")
def list_faults() -> Response:
    return jsonify([rule.model_dump() for rule in here().faults.rules()])


@routes.delete("/faults")
def clear_faults() -> tuple[str, int]:
    here().faults.clear()
    return "", 204


@routes.post("/clock")
def advance_clock() -> Response:
    here().clock.advance(_read(Advance, request.get_json()).advance)
    return jsonify(now=here().clock.now())


@routes.post("/rate-limits")
def set_rate_limits() -> Response:
    here().rate_limits = _read(RateLimits, request.get_json()).enforced
    return jsonify(enforced=here().rate_limits)


@routes.post("/reset")
def reset() -> tuple[str, int]:
    state = here()
    state.faults.clear()
    state.clock.reset()
    forget_windows()
    state.store.clear()
    return "", 204


vendor = Vendor("_sandbox", routes, lambda refused: {"error": str(refused)})
