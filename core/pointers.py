"""JSON pointers (RFC 6901), by which errors name what is wrong."""

from __future__ import annotations


def escaped(part: object) -> str:
    """A reference token of a JSON pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")
