"""A crawl of a small site in one call."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.crawl.crawler import SiteCrawler
from providers.contracts.crawl import CrawlReport


@pytest.fixture
def crawl() -> Callable[..., CrawlReport]:
    """`crawl(url, limit=10, **bounds)`: bounds are those of SiteCrawler."""

    def run(url: str, limit: int = 10, **bounds: float) -> CrawlReport:
        return SiteCrawler(**bounds).crawl(url, limit=limit, on_page=lambda _read, _known: None)  # type: ignore[arg-type]

    return run
