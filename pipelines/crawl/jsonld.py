"""JSON-LD: what a page says about itself for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

MOST_OBJECTS = 20
LARGEST_SCRIPT = 100_000  # characters


def structured_data(tree: LexborHTMLParser) -> tuple[dict[str, Any], ...]:
    """The page's JSON-LD objects, lists and graphs opened. What is no JSON is passed over."""
    found: list[dict[str, Any]] = []
    for script in tree.css('script[type="application/ld+json" i]'):
        text = script.text()
        if len(text) <= LARGEST_SCRIPT:
            found += objects(_parsed(text))
    return tuple(found[:MOST_OBJECTS])


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.strip().removeprefix("<!--").removesuffix("-->"), strict=False)
    except (ValueError, RecursionError):
        return None


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from objects(item)
    elif isinstance(value, dict):
        if isinstance(value.get("@graph"), list):
            yield from objects(value["@graph"])
        else:
            yield value
