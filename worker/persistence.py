"""Keeping what a step has done while Postgres is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import Unavailable

_PATIENCE_SECONDS = 600.0
_PAUSE_SECONDS = 0.5

T = TypeVar("T")


def persist(write: Callable[[], T]) -> T:
    """Keep trying while Postgres is away: the work is done, only its record is missing. Any other error ends it, LeaseLost too."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return write()
        except Unavailable:
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)
