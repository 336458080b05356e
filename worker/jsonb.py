"""Text and JSON that Postgres can keep: it takes neither NUL nor half a surrogate pair, and web pages hold both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from core.pointers import escaped

_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_UNKEPT = re.compile("[\0\ud800-\udfff]")


def jsonb(value: Any) -> str:
    """JSON for a jsonb column, with U+FFFD or ? where a character cannot be kept; what JSON does not know as text."""
    written = json.dumps(value, default=str, ensure_ascii=False)
    return _ESCAPED_NUL.sub(r"\1\\ufffd", written.encode("utf-8", "replace").decode())


def plain(text: str) -> str:
    """Text for a text column, with U+FFFD where a character cannot be kept."""
    return _UNKEPT.sub("\ufffd", text)


def unkept(value: Any, pointer: str) -> Iterator[str]:
    """JSON pointers of the strings that hold such a character."""
    if isinstance(value, str):
        if _UNKEPT.search(value):
            yield pointer
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from unkept(key, pointer)
            yield from unkept(inner, f"{pointer}/{escaped(key)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from unkept(inner, f"{pointer}/{index}")
