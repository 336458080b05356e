"""Regular expressions that people write into conditions: only ones that cannot run away."""

from __future__ import annotations

import functools
import re
from typing import Any

LONGEST_PATTERN = 200
LONGEST_TEXT = 500  # characters of an attribute that are looked at
_MOST_REPEATS = 3

_GROUPED_REPEAT = re.compile(r"\)\s*(?:[*+]|\{\d*,)")
_REPEAT = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\d*\})")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=")


def fault(pattern: Any) -> str:
    """What is wrong with a pattern, or nothing.

    Refused besides broken ones: repeated groups, back references and many repeats, whose time grows without bound.
    """
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        return f"must be a pattern of at most {LONGEST_PATTERN} characters"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"is no regular expression: {error}"
    if _GROUPED_REPEAT.search(pattern) or _BACK_REFERENCE.search(pattern) or len(_REPEAT.findall(pattern)) > _MOST_REPEATS:
        return f"may take too long: repeated groups, back references and more than {_MOST_REPEATS} repeats are not taken"
    return ""


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    return None if fault(pattern) else re.compile(pattern)


def searched(pattern: Any, text: Any) -> bool:
    """Whether the pattern is somewhere in the text; false for what is no text or no pattern."""
    compiled = _compiled(pattern) if isinstance(pattern, str) else None
    return compiled is not None and isinstance(text, str) and compiled.search(text[:LONGEST_TEXT]) is not None
