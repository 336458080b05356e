"""Pages of a site, by a crawling vendor or by our own crawler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

OnPage = Callable[[int, int], None]  # pages read so far, pages known so far; may raise Cancelled


@dataclass(frozen=True)
class CrawledPage:
    """One page as the pipelines want it. `text` is the readable body as plain text, paragraphs split by a blank line."""

    url: str
    title: str
    text: str
    description: str = ""
    language: str | None = None
    headings: tuple[str, ...] = ()
    images: tuple[str, ...] = ()  # absolute URLs
    links: tuple[str, ...] = ()  # absolute URLs
    logo_candidates: tuple[str, ...] = ()  # absolute URLs, best first
    colours: tuple[str, ...] = ()  # "#rrggbb", most used first
    fonts: tuple[str, ...] = ()  # family names, most used first
    structured: tuple[dict[str, Any], ...] = ()  # JSON-LD objects


@dataclass(frozen=True)
class CrawlReport:
    pages: tuple[CrawledPage, ...]
    refused: tuple[dict[str, str], ...] = ()  # {"url", "reason"}: robots, too large, not HTML ...
    vendor: str = "drumbeat"
    cost: Decimal = field(default=Decimal(0))


class Crawler(Protocol):
    vendor: str
    simulated: bool

    def crawl(self, url: str, *, limit: int, on_page: OnPage) -> CrawlReport:
        """Up to `limit` pages from `url`. Raises SiteUnreadable, AddressRefused or a vendor error. May run twice."""
        ...
