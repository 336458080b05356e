"""Firecrawl: the pages of a site by a crawling vendor (API v2)."""

from __future__ import annotations

import contextlib
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.errors import Cancelled, SiteUnreadable, VendorError, VendorRejected, VendorThrottled, VendorUnavailable
from core.settings import Settings
from providers import markdown, prices
from providers.contracts.crawl import CrawledPage, CrawlReport, OnPage
from providers.http import VendorClient

_POLL_SECONDS = 2.0
_LONGEST_PAUSE = 30.0
_SECONDS_A_PAGE = 20.0  # beyond which a crawl of `limit` pages is given up
_FORMATS = ["markdown", "links", "images", "branding"]


class Firecrawl:
    """A Crawler. A small `limit` is always sent: the vendor asks for credits for the whole limit before it starts."""

    vendor = "firecrawl"

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.firecrawl_base_url)
        self._client = VendorClient(
            self.vendor,
            settings.firecrawl_base_url,
            headers={"Authorization": f"Bearer {settings.firecrawl_api_key.get_secret_value()}"},
            variables="FIRECRAWL_API_KEY",
        )

    def crawl(self, url: str, *, limit: int, on_page: OnPage) -> CrawlReport:
        """As the contract says. A crawl that is cancelled here is cancelled at the vendor too."""
        scrape = {"formats": _FORMATS, "onlyMainContent": True}
        started = self._client.document(self._client.call("POST", "/crawl", json={"url": url, "limit": limit, "scrapeOptions": scrape}))
        crawl = f"/crawl/{started.get('id')}"
        try:
            first = self._finished(crawl, time.monotonic() + 60 + _SECONDS_A_PAGE * limit, on_page)
        except (Cancelled, VendorUnavailable):
            with contextlib.suppress(VendorError):
                self._client.call("DELETE", crawl)
            raise
        documents = self._pages(crawl, first)
        pages = tuple(_page(d) for d in documents if _status(d) < 400)[:limit]
        refused = tuple({"url": _url(d), "reason": f"answers {_status(d)}"} for d in documents if _status(d) >= 400)
        refused += self._refused(crawl)
        if not pages:
            reasons = "; ".join(f"{r['url']}: {r['reason']}" for r in refused[:3])
            raise SiteUnreadable(f"no page of {url} could be read{': ' + reasons if reasons else ''}")
        return CrawlReport(pages, refused, self.vendor, prices.CRAWL_CREDIT * int(first.get("creditsUsed") or len(pages)))

    def _finished(self, crawl: str, until: float, on_page: OnPage) -> dict[str, Any]:
        """The first part of the results of a completed crawl. The crawl is paid for, so a failed look is repeated."""
        found: dict[str, Any] = {}
        while time.monotonic() < until:
            pause = _POLL_SECONDS
            try:
                found = self._client.document(self._client.call("GET", crawl))
            except (VendorUnavailable, VendorThrottled) as error:
                pause = min(error.retry_after or pause, _LONGEST_PAUSE)
            on_page(int(found.get("completed") or 0), int(found.get("total") or 0))
            if found.get("status") == "completed":
                return found
            if found.get("status") in ("failed", "cancelled"):
                raise VendorRejected(f"the crawl {found['status']}: {found.get('error') or 'no reason given'}", vendor=self.vendor)
            time.sleep(pause)
        raise VendorUnavailable("the crawl did not end in time", vendor=self.vendor)

    def _pages(self, crawl: str, part: dict[str, Any]) -> list[dict[str, Any]]:
        """All documents: a completed crawl is read to the end only when an answer has no `next`."""
        documents: list[dict[str, Any]] = list(part.get("data") or [])
        seen: set[str] = set()
        while (following := part.get("next")) and following not in seen:
            seen.add(following)
            query = dict(parse_qsl(urlsplit(following).query))  # only the query: our key goes to no host that an answer names
            part = self._client.document(self._client.call("GET", crawl, params=query))
            documents.extend(part.get("data") or [])
        return documents

    def _refused(self, crawl: str) -> tuple[dict[str, str], ...]:
        found = self._client.document(self._client.call("GET", f"{crawl}/errors"))
        failed = [{"url": str(e.get("url")), "reason": str(e.get("error"))[:300]} for e in found.get("errors") or []]
        forbidden = [{"url": str(u), "reason": "forbidden by robots.txt"} for u in found.get("robotsBlocked") or []]
        return (*failed, *forbidden)


def _status(document: dict[str, Any]) -> int:
    return int((document.get("metadata") or {}).get("statusCode") or 200)


def _url(document: dict[str, Any]) -> str:
    metadata = document.get("metadata") or {}
    return str(metadata.get("url") or metadata.get("sourceURL") or "")


def _page(document: dict[str, Any]) -> CrawledPage:
    metadata, branding = document.get("metadata") or {}, document.get("branding") or {}
    source = str(document.get("markdown") or "")
    return CrawledPage(
        url=_url(document),
        title=_first(metadata.get("title")),
        text=markdown.text_of(source),
        description=_first(metadata.get("description")),
        language=_first(metadata.get("language")) or None,
        headings=markdown.headings_of(source),
        images=_strings(document.get("images")),
        links=_strings(document.get("links")),
        logo_candidates=_strings([branding.get("logo"), *((branding.get("images") or {}).values())]),
        colours=tuple(c.lower() for c in _strings((branding.get("colors") or {}).values()) if c.startswith("#") and len(c) == 7),
        fonts=_strings([(f or {}).get("family") for f in branding.get("fonts") or []]),
    )


def _first(value: Any) -> str:
    """Metadata are strings or lists of strings."""
    return str((value[0] if value else "") if isinstance(value, list) else value or "")


def _strings(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in values or () if isinstance(v, str) and v))
