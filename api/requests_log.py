"""Every request gets an id, a line in the log and a place in the metrics."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from api.auth.caller import caller_or_none
from core.logging import logger

REQUESTS = Counter("drumbeat_http_requests", "Requests answered", ["endpoint", "method", "status"])
SECONDS = Histogram("drumbeat_http_request_seconds", "Time to the first byte of the answer", ["endpoint"])

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def install(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
    g.began = time.monotonic()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    """The query string is left out: it may carry codes and signatures."""
    response.headers["X-Request-ID"] = g.get("request_id", "")
    seconds = time.monotonic() - g.get("began", time.monotonic())
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method, response.status_code).inc()
    SECONDS.labels(endpoint).observe(seconds)
    who = caller_or_none()
    logger("api").info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        ip=request.remote_addr,
        user=str(who.user_id) if who else None,
        org=str(who.org_id) if who else None,
    )
    structlog.contextvars.unbind_contextvars("request_id")
    return response
