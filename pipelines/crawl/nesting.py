"""Pages that are built to exhaust a parser, told before one reads them."""

from __future__ import annotations

import re

DEEPEST = 1000  # elements inside each other; browsers stop at half of it
MOST_REOPENED = 500_000  # elements that a parser adds because formatting was left open before a new block
TAG = re.compile(r"<(/?)([a-z][a-z0-9]{0,15})", re.I)
NEVER_CLOSED = frozenset({
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
})  # fmt: skip
FORMATTING = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})


def is_sound(html: str) -> bool:
    """Whether parsing takes time and memory in proportion to the page.

    Deep nesting costs a parser the square of the depth, and formatting left open is repeated in every later block.
    """
    depth = formatting = reopened = 0
    for closing, name in TAG.findall(html):
        tag = name.lower()
        step = -1 if closing else 1
        if tag in FORMATTING:
            formatting = max(0, formatting + step)
        elif not closing:
            reopened += formatting
        if tag not in NEVER_CLOSED:
            depth = max(0, depth + step)
        if depth > DEEPEST or reopened > MOST_REOPENED:
            return False
    return True
