"""Rate limits: in Redis, and let through when Redis is away."""

from __future__ import annotations

import hashlib
import time

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from redis.exceptions import RedisError

from api.auth import browser, lockout
from api.auth.tokens import signed_subject
from core.logging import logger
from core.settings import get_settings

PROBES = frozenset({"health.livez", "health.readyz", "health.metrics", "docs.asset", "static", "bootstrap.static", "pages.static"})
GUESSABLE = frozenset({"auth.login", "auth.register", "auth.refresh", "pages.log_in", "pages.register"})
# What visitors' browsers ask for. By their address: under the key in the request one of them could use up everybody's share.
VISITED = frozenset({"features.show", "exposures.create", "collect.script", "collect.collect", "clicks.show"})
ASSIGNING = frozenset({"experiments.assign"})  # the same for a site's own server, once its token is known
GUESSES_SHARE = 10  # a client may try passwords at a tenth of the general rate
STORE_TIMEOUT = 1  # seconds a request waits for Redis before it goes on without limits


def install(app: Flask) -> None:
    """Count requests per user, or per address before a login: wider where visitors come in crowds, tighter where passwords are tried."""
    settings = get_settings()
    window = f"per {settings.rate_limit_window} second"
    limiter = Limiter(
        key_func=_client,
        application_limits=[
            ApplicationLimit(
                f"{settings.rate_limit_requests} {window}", exempt_when=lambda: request.endpoint in PROBES or _is_high_volume()
            ),
            ApplicationLimit(
                f"{settings.high_volume_requests} {window}",
                key_function=lambda: f"volume:{_client()}",
                exempt_when=lambda: not _is_high_volume(),
            ),
            ApplicationLimit(
                f"{max(5, settings.rate_limit_requests // GUESSES_SHARE)} {window}",
                key_function=lambda: f"guess:{get_remote_address()}",
                exempt_when=lambda: request.endpoint not in GUESSABLE,
            ),
        ],
        storage_uri=_storage(settings.redis_url),
        storage_options={"socket_connect_timeout": STORE_TIMEOUT, "socket_timeout": STORE_TIMEOUT},
        key_prefix="drumbeat-limits",
        swallow_errors=True,
    )
    limiter.logger.handlers.clear()
    limiter.logger.disabled = True  # it would write a traceback for each request while Redis is away
    app.extensions["drumbeat-limiter"] = limiter
    limiter.init_app(app)
    app.after_request(_headers)


def _storage(redis_url: str) -> str:
    return f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url


def _client() -> str:
    """Found once a request: several limits ask, and each answer costs a signature's check."""
    if "limited_client" not in g:
        g.limited_client = _found_client()
    return str(g.limited_client)


def _found_client() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    user = signed_subject(token) if scheme.lower() == "bearer" else browser.signed_user()
    return f"user:{user}" if user else f"address:{get_remote_address()}"


def _is_high_volume() -> bool:
    return request.endpoint in VISITED or (request.endpoint in ASSIGNING and _client().startswith("user:"))


def _limiter() -> Limiter:
    found: Limiter = current_app.extensions["drumbeat-limiter"]
    return found


def _headers(response: Response) -> Response:
    """RateLimit and RateLimit-Policy, as in the IETF draft (structured fields)."""
    try:
        if tightest := min(_limiter().current_limits, key=lambda limit: limit.remaining, default=None):
            _describe(response, tightest)
    except RedisError as error:
        logger("api").debug("no rate limits while Redis is away", error=str(error))
    return response


def _describe(response: Response, limit: RequestLimit) -> None:
    window = limit.limit.get_expiry()
    seconds = min(window, max(0, round(limit.reset_at - time.time())))
    response.headers["RateLimit-Policy"] = f'"default";q={limit.limit.amount};w={window}'
    response.headers["RateLimit"] = f'"default";r={limit.remaining};t={seconds}'


def count_unknown_account(email: str) -> None:
    """Count a login attempt for an address without an account, which locks like one that has one."""
    settings = get_settings()
    item: RateLimitItem = parse(f"{settings.login_attempts} per {settings.login_lock_minutes} minute")
    key = hashlib.sha256(email.encode()).hexdigest()
    try:
        if not _limiter().limiter.hit(item, "unknown-account", key):
            raise lockout.locked(settings.login_lock_minutes * 60)
    except RedisError as error:
        logger("api").debug("no rate limits while Redis is away", error=str(error))
