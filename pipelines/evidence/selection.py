"""Which pages a model gets to read, and how much of each, within a budget of characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from providers.contracts.crawl import CrawledPage

BUDGET = 40_000  # characters of all pages together, about 10,000 tokens of English
LARGEST_SHARE = 6_000  # characters of one page
SMALLEST_SHARE = 200  # less of a page says nothing
TELLING = (
    re.compile(r"about|company|story|mission|who-we-are|ueber|unternehmen|a-propos|introduction|intro|overview|readme", re.I),
    re.compile(r"product|service|solution|feature|offer|shop|collection|produkt|leistung", re.I),
    re.compile(r"pricing|price|plans|preise|tarif", re.I),
)
SIDE = re.compile(r"privacy|terms|legal|imprint|impressum|cookie|datenschutz|login|signup|cart|license|changelog|genindex|search", re.I)


def rank(page: CrawledPage, first_url: str) -> int:
    """0 is read first."""
    if page.url == first_url:
        return 0
    path = urlsplit(page.url).path
    if SIDE.search(path):
        return len(TELLING) + 2
    return next((place for place, telling in enumerate(TELLING, start=1) if telling.search(path)), len(TELLING) + 1)


def trimmed(text: str, limit: int) -> str:
    """The beginning of the text, cut at the end of a paragraph, a sentence or at least a word."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    for mark in ("\n\n", ". ", " "):
        if (end := head.rfind(mark)) > limit // 2:
            return head[: end + 1].rstrip()
    return head


def reading(pages: Sequence[CrawledPage], budget: int = BUDGET) -> list[dict[str, Any]]:
    """`{url, title, headings, text}` of the most telling pages; the same pages give the same reading."""
    first = pages[0].url if pages else ""
    chosen: list[dict[str, Any]] = []
    for page in sorted(pages, key=lambda p: rank(p, first)):
        text = trimmed(page.text, min(LARGEST_SHARE, budget))
        if len(text) < min(SMALLEST_SHARE, len(page.text)) or not text:
            continue
        chosen.append({"url": page.url, "title": page.title, "headings": list(page.headings[:12]), "text": text})
        budget -= len(text)
    return chosen
