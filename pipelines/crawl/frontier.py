"""The addresses still to be read, the most telling first."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from pipelines.crawl.addresses import Scope, may_be_page

TELLING = re.compile(r"about|company|story|mission|product|service|solution|feature|pricing|plans|ueber|unternehmen|produkt|preise", re.I)
SIDE = re.compile(r"privacy|terms|legal|imprint|impressum|cookie|login|sign-?(?:in|up)|cart|checkout|wp-admin|tag/|page/\d|genindex", re.I)
MOST_QUERIES = 5  # addresses of one path that differ in their query only: calendars and filters have no end
MOST_DEPTH = 12  # folders; paths that grow by relative links have no end either


class Frontier:
    """Breadth first: by distance from the start, a telling page one step earlier, a side page three steps later.

    home: the start page's host and port; other hosts of the site come one step later.
    """

    def __init__(self, scope: Scope, home: str) -> None:
        self._scope = scope
        self._home = home
        self._waiting: list[tuple[int, int, str, int]] = []
        self._seen: set[str] = set()
        self._queries: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, urls: Iterable[str], distance: int) -> None:
        """Cleaned URLs; those outside the scope, known or endless are passed over."""
        for url in urls:
            if url not in self._seen and self._welcome(url):
                self._seen.add(url)
                heapq.heappush(self._waiting, (distance + self._shift(url), len(self._seen), url, distance))

    def take(self) -> tuple[str, int]:
        """The next address and its distance. Raises IndexError when none is left."""
        _, _, url, distance = heapq.heappop(self._waiting)
        return url, distance

    def _welcome(self, url: str) -> bool:
        parts = urlsplit(url)
        if not self._scope.holds(url) or not may_be_page(url) or parts.path.count("/") > MOST_DEPTH:
            return False
        if parts.query:
            self._queries[parts.path] += 1
        return self._queries[parts.path] <= MOST_QUERIES

    def _shift(self, url: str) -> int:
        parts = urlsplit(url)
        return (parts.netloc != self._home) + (3 if SIDE.search(parts.path) else -1 if TELLING.search(parts.path) else 0)
