"""Regular expressions that people write into conditions: only ones that cannot run away.

Python's `re` tries one way to match after the other and holds every other thread up meanwhile. So the ways are counted
beforehand: alternatives, optional parts and counted repeats multiply; each unbounded repeat, and the place where an
unanchored pattern begins, is one more mark to be set in the text.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

LONGEST_PATTERN = 200
LONGEST_TEXT = 500  # characters of an attribute that are looked at
_SHORTEST_TEXT = 100  # a pattern that may take too long on so few is refused
_MOST_WAYS = 1_000_000  # about ten milliseconds

_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=")
_OPENING = r"\(\?[aims]*:|\(\?<?[=!]|\(\?P<\w+>|\((?!\?)"
_TOKEN = re.compile(
    rf"(?P<flags>\(\?[aims]+\))|(?P<open>{_OPENING})|(?P<odd>\(\?)|(?P<close>\))|(?P<or>\|)"
    r"|(?P<repeat>[*+?][?+]?|\{\d*(?:,\d*)?\}[?+]?)|(?P<one>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)",
    re.DOTALL,
)


class _Ways(NamedTuple):
    """How a part can match: so many ways, times the places of so many marks."""

    finite: int = 1
    marks: int = 0

    def then(self, other: _Ways) -> _Ways:
        return _Ways(self.finite * other.finite, self.marks + other.marks)

    def or_else(self, other: _Ways) -> _Ways:
        return _Ways(self.finite + other.finite, max(self.marks, other.marks))

    def text(self) -> int:
        """The longest text that is matched in less than _MOST_WAYS."""
        fits = (n for n in range(LONGEST_TEXT, 0, -1) if self.finite * math.comb(n + self.marks, self.marks) <= _MOST_WAYS)
        return next(fits, 0)


class _Refused(ValueError):
    pass


def fault(pattern: Any) -> str:
    """What is wrong with a pattern, or nothing."""
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        return f"must be a pattern of at most {LONGEST_PATTERN} characters"
    try:
        re.compile(pattern)
        text = _ways(pattern).text()
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression: {error}"
    except _Refused as reason:
        return str(reason)
    return "" if text >= _SHORTEST_TEXT else "may take too long: use fewer repeats, optional parts and alternatives, or begin it with ^"


def _ways(pattern: str) -> _Ways:
    if _BACK_REFERENCE.search(pattern):
        raise _Refused("may take too long: back references are not taken")
    found = _group(_TOKEN.finditer(pattern))
    is_anchored = pattern.startswith(("^", r"\A")) and "|" not in pattern
    return found if is_anchored else found.then(_Ways(marks=1))


def _group(tokens: Iterator[re.Match[str]]) -> _Ways:
    """Of everything up to the closing bracket."""
    before: _Ways | None = None  # the alternatives before this one
    whole, last, is_group = _Ways(), _Ways(), False
    for token in tokens:
        match token.lastgroup:
            case "open":
                whole, last, is_group = whole.then(last), _group(tokens), True
            case "close":
                break
            case "or":
                whole = whole.then(last)
                before = whole if before is None else before.or_else(whole)
                whole, last, is_group = _Ways(), _Ways(), False
            case "repeat":
                last, is_group = _repeated(last, token.group(), is_group), True
            case "odd":
                raise _Refused("has a group of a kind that is not taken here")
            case _:
                whole, last, is_group = whole.then(last), _Ways(), False
    whole = whole.then(last)
    return whole if before is None else before.or_else(whole)


def _repeated(part: _Ways, sign: str, is_group: bool) -> _Ways:
    if sign.startswith("?"):
        return part.or_else(_Ways())
    if is_group:
        raise _Refused("may take too long: repeated groups are not taken")
    if sign[0] in "*+":
        return _Ways(marks=1)
    low, comma, high = sign.rstrip("?+")[1:-1].partition(",")
    if comma and not high:
        return _Ways(marks=1)
    return _Ways(max(1, int(high) - int(low or 0) + 1)) if comma else _Ways()


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str, flags: int) -> tuple[re.Pattern[str], int] | None:
    """With the characters of a text that it may look at."""
    return None if fault(pattern) else (re.compile(pattern, flags), _ways(pattern).text())


def searched(pattern: Any, text: Any, flags: int = 0) -> bool:
    """Whether the pattern is somewhere in the text; false for what is no text or no pattern. flags: of `re.compile`."""
    known = _compiled(pattern, flags) if isinstance(pattern, str) else None
    return known is not None and isinstance(text, str) and known[0].search(text[: known[1]]) is not None
