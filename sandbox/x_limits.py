"""X's rate windows: fifteen minutes, counted for each account and route. Kept in memory; a restart opens new windows."""

from __future__ import annotations

import threading

from flask import g

from sandbox.state import here
from sandbox.vendor import Refused

WINDOW = 15 * 60
LIMITS = {
    "create": 100,
    "delete": 50,
    "me": 75,
    "media": 1875,
    "one_shot": 500,
    "status": 1000,
    "metadata": 500,
    "post": 900,
    "timeline": 900,
}
_windows: dict[tuple[str, str], tuple[float, int]] = {}  # (account, route): end of the window, calls in it
_lock = threading.Lock()


def count_call(account_id: str, route: str) -> None:
    """Count one call and note the headers of its answer. Raises Refused (429) past the limit, where limits are enforced."""
    state, limit = here(), LIMITS[route]
    now = state.clock.now()
    with _lock:
        ends, calls = _windows.get((account_id, route), (0.0, 0))
        if now >= ends:
            ends, calls = now + WINDOW, 0
        is_over = state.rate_limits and calls >= limit
        calls += not is_over
        _windows[account_id, route] = (ends, calls)
    g.x_headers = {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(max(0, limit - calls)),
        "x-rate-limit-reset": str(int(ends)),
    }
    if is_over:
        raise Refused(429, "Rate limit exceeded", code="rate_limit_exceeded", headers=g.x_headers)


def forget() -> None:
    """Open new windows everywhere."""
    with _lock:
        _windows.clear()
