"""What a running sandbox is made of, and how a vendor's route gets at it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from flask import current_app

from sandbox.faults import Faults
from sandbox.ledger import Ledger
from sandbox.store import Store

_EXTENSION = "drumbeat-sandbox"


class Clock:
    """Real time plus an offset that a test can raise, to see codes and tokens expire."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = float((store.get("clock", "offset") or {"seconds": 0})["seconds"])

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        self._offset += seconds
        self._store.put("clock", "offset", {"seconds": self._offset})

    def reset(self) -> None:
        self._offset = 0.0


@dataclass
class State:
    store: Store
    ledger: Ledger
    faults: Faults
    clock: Clock
    rate_limits: bool = True
    base_url: str = ""
    extension: str = field(default=_EXTENSION, init=False)


def here() -> State:
    """The state of the sandbox that answers the current request."""
    state: State = current_app.extensions[_EXTENSION]
    return state
