"""The linked stylesheets of a crawl, each read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.errors import AddressRefused, SiteUnreadable
from pipelines.crawl.robots import OK, Answered

MOST_FILES = 6  # of one crawl
LARGEST_FILE = 512 * 1024

Get = Callable[[str, int], Answered]


class Stylesheets:
    def __init__(self, get: Get) -> None:
        self._get = get
        self._texts: dict[str, str] = {}

    def of(self, urls: Iterable[str]) -> list[str]:
        """Texts of the stylesheets that could be read, the first ones of the crawl only."""
        return [text for url in urls if (text := self._text(url))]

    def _text(self, url: str) -> str:
        if url not in self._texts and len(self._texts) < MOST_FILES:
            self._texts[url] = self._read(url)
        return self._texts.get(url, "")

    def _read(self, url: str) -> str:
        try:
            answer = self._get(url, LARGEST_FILE)
        except (SiteUnreadable, AddressRefused):
            return ""
        return answer.content.decode("utf-8", "replace") if answer.status == OK else ""
