"""Reading a JSON request body, and what no text in a request may hold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from flask import request

from core.errors import MalformedRequest
from worker.jsonb import unkept

DEEPEST = 64  # lists and objects inside each other; the recursion of those who read them later ends at a few hundred


def read_json() -> Any:
    """The request's JSON; an empty body counts as `{}`. Raises MalformedRequest, PayloadTooLarge (by Flask)."""
    raw = request.get_data(cache=False)
    if request.content_length is None:
        request.stream.read(1)  # a chunked body was cut at the limit without a word: reading on tells
    if not raw.strip():
        return {}
    if not (request.is_json or request.mimetype == ""):
        raise MalformedRequest(f"The body is {request.mimetype}, not JSON", hint="Send Content-Type: application/json.")
    return parsed(raw)


def parsed(raw: bytes) -> Any:
    """The JSON, which can be kept and sent again. Raises MalformedRequest, also for numbers without an end and for bottomless nesting."""
    try:
        value = json.loads(raw, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise MalformedRequest(f"The body is not JSON: {error.msg} at {where}", errors=[{"pointer": "", "detail": where}]) from None
    except (ValueError, RecursionError) as error:
        raise MalformedRequest(f"The body is not JSON that can be read: {error}") from None
    if _is_deep(value):
        raise MalformedRequest(f"The body is nested more than {DEEPEST} deep")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:40]} is larger than any number that can be kept")
    return number


def _is_deep(value: Any) -> bool:
    """Level by level, since recursion is what has to be spared."""
    level = [value]
    for _ in range(DEEPEST):
        inner = [part for one in level for part in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())]
        level = [part for part in inner if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def unstorable(value: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """A fault for each text that PostgreSQL cannot keep: NUL characters and lone surrogates."""
    for where in unkept(value, pointer):
        yield {"pointer": where, "detail": "holds a NUL or a lone surrogate; send plain Unicode text"}
