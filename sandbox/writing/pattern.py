"""A short text that a regular expression accepts, for schema strings with a `pattern`."""

from __future__ import annotations

import re
import re._constants as op
import re._parser as parser
from typing import Any

_CATEGORIES = {op.CATEGORY_DIGIT: "1", op.CATEGORY_WORD: "a", op.CATEGORY_SPACE: " "}
_CANDIDATES = "aA1 -_.#/@:x0Z~"


def example(pattern: str) -> str:
    """Raises ValueError for a pattern that uses more than literals, sets, groups, branches and repetition."""
    found = "".join(_parts(parser.parse(pattern)))
    if not re.search(pattern, found):
        raise ValueError(f"no example found for the pattern {pattern!r}")
    return found


def _parts(parsed: Any) -> list[str]:
    return [_part(kind, value) for kind, value in parsed]


def _part(kind: Any, value: Any) -> str:
    found = ""  # anchors and look-around add nothing; `example` checks the outcome
    if kind == op.LITERAL:
        found = chr(value)
    elif kind in (op.ANY, op.NOT_LITERAL):
        found = "a" if value != ord("a") else "b"
    elif kind == op.IN:
        found = _member(value)
    elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        found = "".join(_parts(value[2])) * int(value[0])
    elif kind == op.SUBPATTERN:
        found = "".join(_parts(value[-1]))
    elif kind == op.BRANCH:
        found = "".join(_parts(value[1][0]))
    return found


def _member(items: list[tuple[Any, Any]]) -> str:
    if items[0][0] == op.NEGATE:
        return next(c for c in _CANDIDATES if not any(_holds(item, c) for item in items[1:]))
    kind, value = items[0]
    if kind == op.RANGE:
        return chr(value[0])
    return _CATEGORIES.get(value, "~") if kind == op.CATEGORY else chr(value)


def _holds(item: tuple[Any, Any], char: str) -> bool:
    kind, value = item
    if kind == op.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    if kind == op.CATEGORY:
        return {op.CATEGORY_DIGIT: char.isdigit(), op.CATEGORY_WORD: char.isalnum() or char == "_", op.CATEGORY_SPACE: char.isspace()}.get(
            value, False
        )
    return bool(value == ord(char))
