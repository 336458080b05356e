"""How values look: words for states, money, sizes, spans of time."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from markupsafe import Markup

# The look of each state of jobs, steps, campaigns, posts, effects and connections; see static/states.css.
TONES = {
    "running": "running", "publishing": "running", "intent": "running",
    "waiting": "waiting", "awaiting_approval": "waiting", "needs_review": "waiting",
    "succeeded": "good", "done": "good", "complete": "good", "published": "good", "active": "good", "approved": "good", "alive": "good",
    "failed": "bad", "dead": "bad", "denied": "bad", "expired": "bad", "silent": "bad",
    "cancelled": "off", "skipped": "off", "rejected": "off",
}  # fmt: skip
WORDS = {"needs_review": "in doubt", "awaiting_approval": "awaits approval", "blocked": "not yet"}
MARKS = {"good": "✓", "bad": "!", "waiting": "…", "running": "▸", "off": "–", "quiet": ""}


def install(app: Flask) -> None:
    for function in (tone, words, mark, money, size, span, digest, pretty, host, web, cell):
        app.add_template_filter(function)


def tone(state: str) -> str:
    """The colour family of a state; `quiet` for what has not begun."""
    return TONES.get(state, "quiet")


def words(name: str) -> str:
    """A name of ours as words."""
    return WORDS.get(name, name.replace("_", " ").replace("-", " "))


def mark(state: str) -> str:
    """A sign beside the colour, for those who do not see the colour."""
    return MARKS[tone(state)]


def money(amount: Decimal | str | float) -> str:
    """Dollars; small amounts with the digits that matter."""
    value = Decimal(str(amount))
    return f"${value:,.4f}" if 0 < value < Decimal("0.01") else f"${value:,.2f}"


def size(count: int) -> str:
    """Bytes for people."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"


def span(start: datetime | float | None, end: datetime | None = None) -> str:
    """The time between two moments, or a number of seconds, as `4.2 s` or `3 min 05 s`; empty when one is unknown."""
    if start is None or (isinstance(start, datetime) and end is None):
        return ""
    seconds = (end - start).total_seconds() if isinstance(start, datetime) and end else float(start)  # type: ignore[arg-type]
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def digest(body: str) -> str:
    """A short name of a text, by which live.js sees that a region has changed."""
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def pretty(value: Any) -> str:
    """JSON to be read."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def host(url: str) -> str:
    """An address without what everybody knows: `lumen.example/faq`."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    return f"{parts.netloc}{parts.path}".rstrip("/")


def web(url: str | None) -> str | Markup:
    """The address if a browser may be sent there, else nothing: what a model or a site wrote is no link by itself."""
    return url if url and urlsplit(url).scheme in ("http", "https") else ""


def cell(value: Any) -> str:
    """A table's cell: numbers with the digits that matter, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() or abs(number) >= 1000 else f"{number:,.4g}"
