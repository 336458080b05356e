"""Loopback ports: which are free, and what to take when the wanted one is not."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection


def free_port() -> int:
    """A loopback port that is free now; below the range from which outgoing connections take theirs."""
    candidates = (random.randrange(20000, 32000) for _ in range(1000))
    return next(port for port in candidates if is_free(port))


def is_free(port: int) -> bool:
    """Whether nothing listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def near(wanted: int, besides: Collection[int] = ()) -> int:
    """The wanted port, or the next one above it that is free and not among `besides`."""
    candidates = (port for port in range(wanted, wanted + 100) if port not in besides)
    return next((port for port in candidates if is_free(port)), 0) or free_port()
