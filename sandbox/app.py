"""The two Flask applications of the sandbox: every vendor under its prefix, and the fictional brand's site."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox import control, counter, elevenlabs, firecrawl, openrouter, past, perplexity, removebg, segmind, site, x
from sandbox.faults import Faults, active_fault
from sandbox.ledger import Ledger
from sandbox.misbehaviour import FaultyApplication
from sandbox.state import Clock, State
from sandbox.store import Store
from sandbox.vendor import Refused, Vendor

VENDORS = {
    v.name: v for v in (control, counter, elevenlabs, firecrawl, openrouter, past, perplexity, removebg, segmind, x) for v in [v.vendor]
}
_MODELS = frozenset({"openrouter", "perplexity"})  # these answer garbage as prose, in their usual envelope
_LARGEST_BODY = 64 * 1024 * 1024


def create_state(folder: Path, *, rate_limits: bool) -> State:
    store = Store(folder)
    return State(store, Ledger(store), Faults(store), Clock(store), rate_limits)


def create_vendors(state: State) -> tuple[Flask, Callable[..., Any]]:
    """The vendors' application, bare and wrapped in the faults."""
    app = Flask("sandbox", static_folder=None, template_folder=str(Path(__file__).parent / "pages"))
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    for vendor in VENDORS.values():
        app.register_blueprint(vendor.routes, url_prefix=f"/{vendor.name}")
    _prepare(app, state, lambda path: VENDORS.get(_split(path)[0], control.vendor))
    return app, FaultyApplication(app, state.faults, _split, _MODELS)


def create_site(state: State) -> Callable[..., Any]:
    app = Flask("sandbox-site", static_folder=None)
    app.register_blueprint(site.vendor.routes)
    _prepare(app, state, lambda _path: site.vendor)
    return FaultyApplication(app, state.faults, lambda path: ("site", path), _MODELS)


def _split(path: str) -> tuple[str, str]:
    name, _, rest = path.lstrip("/").partition("/")
    return name, f"/{rest}"


def _prepare(app: Flask, state: State, vendor_of: Callable[[str], Vendor]) -> None:
    app.extensions[state.extension] = state

    @app.before_request
    def refuse_by_rule() -> Response | None:
        vendor = vendor_of(request.path)
        refused = _ordered_refusal(vendor)
        return vendor.refuse(refused) if refused else None

    @app.errorhandler(Refused)
    def refuse(refused: Refused) -> Response:
        return vendor_of(request.path).refuse(refused)

    @app.errorhandler(HTTPException)
    def refuse_http(error: HTTPException) -> Response:
        return vendor_of(request.path).refuse_http(error)


def _ordered_refusal(vendor: Vendor) -> Refused | None:
    rule = active_fault()
    if rule is None:
        return None
    seconds = 1.0 if rule.retry_after is None else rule.retry_after
    if rule.mode == "throttle":
        return Refused(429, "Rate limit exceeded", code="rate_limit_exceeded", headers=vendor.throttled(math.ceil(seconds)))
    if rule.mode == "unauthorized":
        return Refused(401, "Invalid credentials", code="invalid_key")
    if rule.mode in ("error", "no_lookup"):
        headers = {} if rule.retry_after is None else {"Retry-After": str(math.ceil(seconds))}
        return Refused(rule.status or 503, "The service is unavailable, as ordered", code="unavailable", headers=headers)
    return None
