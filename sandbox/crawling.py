"""A crawl that really runs: breadth first from one address, within robots.txt, in a thread of the sandbox."""

from __future__ import annotations

import re
import secrets
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from protego import Protego

from sandbox.reading import AGENT, Unreadable, document, fetched, links
from sandbox.store import Store

_SECONDS = 10.0  # for one page
_running: set[str] = set()
_lock = threading.Lock()


def run_in_background(store: Store, crawl_id: str, now: float) -> None:
    """Go on with a crawl, unless this process does so already; a crawl that a restart cut off starts afresh."""
    with _lock:
        if crawl_id in _running:
            return
        _running.add(crawl_id)
    threading.Thread(target=_run, args=(store, crawl_id, now), daemon=True, name=f"crawl-{crawl_id}").start()


def _run(store: Store, crawl_id: str, now: float) -> None:
    crawl = store.get("firecrawl.crawl", crawl_id) or {}
    try:
        Crawl(store, crawl_id, crawl["body"], now).run()
    finally:
        with _lock:
            _running.discard(crawl_id)


class Crawl:
    """body: the request that started it. Progress is saved after every page, and `cancelled` is seen there."""

    def __init__(self, store: Store, crawl_id: str, body: dict[str, Any], now: float) -> None:
        self._store, self._id, self._body, self._now = store, crawl_id, body, now
        self._data: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self._blocked: list[str] = []

    def run(self) -> None:
        start = self._body["url"]
        robots = self._robots(start)
        seen, queue = {_key(start)}, deque([(start, 0)])
        self._offer(self._sitemap(robots, start), 1, seen, queue)
        while queue and len(self._data) < self._body["limit"]:
            url, depth = queue.popleft()
            if not robots.can_fetch(url, AGENT):
                self._blocked.append(url)
                continue
            found = self._read(url)
            self._offer(found if self._body["sitemap"] != "only" else [], depth + 1, seen, queue)
            if not self._save("scraping", len(self._data) + len(queue)):
                return
        self._save("completed" if self._data else "failed", len(self._data))

    def _robots(self, start: str) -> Protego:
        try:
            answer = fetched(urljoin(start, "/robots.txt"), seconds=_SECONDS)
        except Unreadable:
            return Protego.parse("")
        return Protego.parse(answer.text if answer.ok else "")

    def _sitemap(self, robots: Protego, start: str) -> list[str]:
        """Addresses of the sitemaps, those below an index included."""
        if self._body["sitemap"] == "skip":
            return []
        found: list[str] = []
        waiting = [*robots.sitemaps, urljoin(start, "/sitemap.xml")][:5]
        for address in dict.fromkeys(waiting):
            try:
                answer = fetched(address, seconds=_SECONDS)
            except Unreadable:
                continue
            found += re.findall(r"<loc>\s*([^<\s]+)\s*</loc>", answer.text) if answer.ok else []
        return found

    def _read(self, url: str) -> list[str]:
        """Keep the page; returns where it leads."""
        options = self._body["scrape"]
        wanted = [*options["formats"], *(["links"] if "links" not in options["formats"] else [])]
        try:
            found = document(url, wanted, only_main=options["only_main"], seconds=_SECONDS)
        except Unreadable as error:
            self._errors.append({"id": secrets.token_hex(8), "timestamp": None, "url": url, "error": str(error)})
            return []
        following = links(found)
        if "links" not in options["formats"]:
            del found["links"]
        if "text/html" in found["metadata"]["contentType"]:
            self._data.append(found)
        return following

    def _offer(self, urls: Iterable[str], depth: int, seen: set[str], queue: deque[tuple[str, int]]) -> None:
        deepest = self._body["max_depth"]
        for url in urls:
            if _key(url) not in seen and self._is_wanted(url) and (deepest is None or depth <= deepest):
                seen.add(_key(url))
                queue.append((url, depth))

    def _is_wanted(self, url: str) -> bool:
        parts, start = urlsplit(url), urlsplit(self._body["url"])
        if parts.netloc != start.netloc or re.search(r"\.(png|jpe?g|svg|css|js|ico|pdf|zip|gz)$", parts.path, re.IGNORECASE):
            return False
        if not self._body["whole_domain"] and not parts.path.startswith(start.path.rsplit("/", 1)[0]):
            return False
        if any(re.search(pattern, parts.path) for pattern in self._body["exclude"]):
            return False
        return not self._body["include"] or any(re.search(pattern, parts.path) for pattern in self._body["include"])

    def _save(self, status: str, total: int) -> bool:
        """False when the crawl was cancelled meanwhile."""
        with self._store.transaction():
            kept = self._store.get("firecrawl.crawl", self._id)
            if kept is None or kept["status"] == "cancelled":
                return False
            kept |= {"status": status, "total": total, "data": self._data, "errors": self._errors, "blocked": self._blocked}
            self._store.put("firecrawl.crawl", self._id, kept | ({} if status == "scraping" else {"completed_at": self._now}))
        return True


def _key(url: str) -> str:
    return url.split("#", maxsplit=1)[0].rstrip("/")
