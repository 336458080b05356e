"""/livez, /readyz and /metrics."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable

import redis
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic_core import to_json

from core.errors import DrumbeatError, Forbidden, Unavailable
from core.settings import get_settings
from models.session import engine_statement

PROBE_SECONDS = 1.0

JOBS = Gauge("drumbeat_jobs", "Unfinished jobs by state", ["state"])
STEPS = Gauge("drumbeat_steps", "Unfinished steps by pool and state", ["pool", "state"])
WORKERS = Gauge("drumbeat_workers", "Pool processes that were heard of in the last 30 seconds", ["pool"])

_OPEN_JOBS = "SELECT state, count(*) AS n FROM jobs WHERE state IN ('queued', 'running', 'waiting') GROUP BY state"
_OPEN_STEPS = """
SELECT pool, state, count(*) AS n FROM job_steps WHERE state IN ('ready', 'running', 'waiting') AND NOT superseded GROUP BY pool, state
"""
_ALIVE = "SELECT pool, count(*) AS n FROM workers WHERE seen_at > clock_timestamp() - interval '30 seconds' GROUP BY pool"

routes = Blueprint("health", __name__)


@routes.get("/livez")
def livez() -> Response:
    """The process answers."""
    return Response(to_json({"status": "ok"}), mimetype="application/json")


@routes.get("/readyz")
def readyz() -> Response:
    """Each part and what ails it; 503 while one is away."""
    parts = {name: _state(check) for name, check in {"postgres": _postgres, "redis": _redis}.items()}
    ready = all(part["ok"] for part in parts.values())
    body = to_json({"status": "ok" if ready else "unavailable", "parts": parts})
    return Response(body, status=200 if ready else 503, mimetype="application/json")


def _state(check: Callable[[], None]) -> dict[str, object]:
    try:
        check()
    except DrumbeatError as error:
        return {"ok": False, "detail": error.detail, "hint": error.hint}
    return {"ok": True}


def _postgres() -> None:
    if not engine_statement("SELECT to_regclass('public.jobs') IS NOT NULL AS migrated", {})[0].migrated:
        raise Unavailable("The database has no tables yet", hint="Run: alembic upgrade head")


def _redis() -> None:
    settings = get_settings()
    try:
        with redis.Redis.from_url(settings.redis_url, socket_connect_timeout=PROBE_SECONDS, socket_timeout=PROBE_SECONDS) as client:
            client.ping()
    except redis.RedisError as error:
        raise Unavailable(
            f"Redis is away: {error}", hint="Jobs are kept and start when it is back; check REDIS_URL if this lasts."
        ) from None


@routes.get("/metrics")
def metrics() -> Response:
    """Prometheus text, for loopback clients or with METRICS_TOKEN."""
    _may_read()
    try:
        for gauge, sql in ((JOBS, _OPEN_JOBS), (STEPS, _OPEN_STEPS), (WORKERS, _ALIVE)):
            _refresh(gauge, sql)
    except Unavailable:
        pass  # what this process counted itself is told even while Postgres is away
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> None:
    token = get_settings().metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return
    proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers  # by one on this machine: no loopback client
    if token or proxied or not request.remote_addr or not ipaddress.ip_address(request.remote_addr).is_loopback:
        raise Forbidden("/metrics is for loopback clients", hint="Set METRICS_TOKEN and send it as a bearer token.")


def _refresh(gauge: Gauge, sql: str) -> None:
    gauge.clear()
    for row in engine_statement(sql, {}):
        gauge.labels(*row[:-1]).set(row[-1])
