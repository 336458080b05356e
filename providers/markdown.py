"""Plain text and headings out of a vendor's Markdown."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LEAD = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|\d+[.)][ \t]+)", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:[-*_][ \t]*){3,}$|^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+.*$", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
_GAP = re.compile(r"\n\s*\n+")


def headings_of(source: str) -> tuple[str, ...]:
    return tuple(_inline(h) for h in _HEADING.findall(source))


def text_of(source: str) -> str:
    """The words, paragraphs split by one blank line; images are dropped, links keep their text."""
    text = _RULE.sub("", _FENCE.sub("", source))
    text = _inline(_LEAD.sub("", text)).replace("|", " ")
    paragraphs = (" ".join(p.split()) for p in _GAP.split(text))
    return "\n\n".join(p for p in paragraphs if p)


def _inline(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    while (plain := _EMPHASIS.sub(r"\2", text)) != text:
        text = plain
    return _ESCAPE.sub(r"\1", text).strip()
