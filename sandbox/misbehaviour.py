"""Carries out the faults that happen on the wire: silence, lateness, slow bodies, reset connections."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.wrappers import Response

from sandbox.faults import Faults, Rule, attach

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
_PIECES = 10
_RUBBISH = b"<p>Lorem ipsum, and certainly not what was asked for.</p>"


class FaultyApplication:
    """Wraps a WSGI application. `vendor_of(path)` splits a path into the vendor's name and the path below its prefix."""

    def __init__(
        self, application: Application, faults: Faults, vendor_of: Callable[[str], tuple[str, str]], models: frozenset[str]
    ) -> None:
        self._application, self._faults, self._vendor_of, self._models = application, faults, vendor_of, models

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        vendor, path = self._vendor_of(environ["PATH_INFO"])
        rule = self._faults.match(vendor, environ["REQUEST_METHOD"], path)
        attach(environ, rule)
        if rule is None:
            return self._application(environ, start_response)
        if rule.mode in ("drop", "timeout"):
            time.sleep(rule.seconds if rule.mode == "timeout" else 0)
            reset_connection(environ)
        if rule.mode in ("late", "lose_answer", "slow_body") or (rule.mode == "garbage" and vendor not in self._models):
            return self._after_the_work(rule, environ)(environ, start_response)
        return self._application(environ, start_response)

    def _after_the_work(self, rule: Rule, environ: Environ) -> Response:
        answer = Response.from_app(self._application, environ, buffered=True)
        if rule.mode == "lose_answer":
            reset_connection(environ)
        if rule.mode == "late":
            time.sleep(rule.seconds)
        if rule.mode == "garbage":
            answer.data = _RUBBISH
        if rule.mode == "slow_body":
            answer.response = _slowly(answer.data, rule.seconds)
        return answer


def reset_connection(environ: Environ) -> None:
    """Close the client's socket with a TCP reset; always raises, so that the server sends nothing more."""
    client: socket.socket = environ["werkzeug.socket"]
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(client.detach())
    raise ConnectionResetError("reset on purpose by a fault rule")


def _slowly(body: bytes, seconds: float) -> Iterator[bytes]:
    size = max(1, -(-len(body) // _PIECES))
    for start in range(0, len(body), size):
        time.sleep(seconds / _PIECES)
        yield body[start : start + size]
