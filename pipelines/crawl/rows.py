"""Crawled pages as columns of `site_pages`, and back."""

from __future__ import annotations

import dataclasses
from typing import Any

from providers.contracts.crawl import CrawledPage

COLUMNS = ("url", "title", "text")


def page_row(page: CrawledPage) -> dict[str, Any]:
    """url, title, text, and all else under facts. NUL characters, which Postgres refuses, are left out."""
    found = _storable(dataclasses.asdict(page))
    return {name: found.pop(name) for name in COLUMNS} | {"facts": found}


def page_from_row(*, url: str, title: str, text: str, facts: dict[str, Any]) -> CrawledPage:
    stored: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
    return CrawledPage(url=url, title=title, text=text, **stored)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, (list, tuple)) else value
