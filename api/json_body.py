"""Reading a JSON request body, and what no text in a request may hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import request

from core.errors import MalformedRequest
from worker.jsonb import unkept


def read_json() -> Any:
    """The request's JSON; an empty body counts as `{}`. Raises MalformedRequest, PayloadTooLarge (by Flask)."""
    raw = request.get_data(cache=False)
    if request.content_length is None:
        request.stream.read(1)  # a chunked body was cut at the limit without a word: reading on tells
    if not raw.strip():
        return {}
    if not (request.is_json or request.mimetype == ""):
        raise MalformedRequest(f"The body is {request.mimetype}, not JSON", hint="Send Content-Type: application/json.")
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise MalformedRequest(f"The body is not JSON: {error.msg} at {where}", errors=[{"pointer": "", "detail": where}]) from None
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(f"The body is not JSON that can be read: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def unstorable(value: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """A fault for each text that PostgreSQL cannot keep: NUL characters and lone surrogates."""
    for where in unkept(value, pointer):
        yield {"pointer": where, "detail": "holds a NUL or a lone surrogate; send plain Unicode text"}
