"""The crawl of one site."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from core.errors import AddressRefused, SiteUnreadable, VendorUnavailable
from pipelines.crawl.addresses import Scope, clean, origin_of, site_of, starts
from pipelines.crawl.decoding import decoded
from pipelines.crawl.document import Document
from pipelines.crawl.frontier import Frontier
from pipelines.crawl.robots import AGENT, OK, Robots
from pipelines.crawl.sitemap import sitemap_urls
from pipelines.crawl.stylesheets import Stylesheets
from providers.contracts.crawl import CrawledPage, CrawlReport, OnPage
from providers.fetch import Fetched, fetch

LARGEST_PAGE = 5 * 1024 * 1024  # bytes
PAGE_SECONDS = 15.0  # for one request with its redirects
CRAWL_SECONDS = 240.0  # after which no further page is asked for
HTML = ("text/html", "application/xhtml+xml")
COME_AGAIN = frozenset({429, 500, 502, 503, 504})
TRIES_PER_PAGE = 4  # addresses tried for each page wanted, so that a site of broken links ends
FOUND_IN_SITEMAP = 2  # distance: after what the start page links to


class SiteCrawler:
    """Our `Crawler`. largest_page in bytes; page_seconds and crawl_seconds bound one request and the whole crawl."""

    vendor = "drumbeat"
    simulated = False

    def __init__(
        self, *, largest_page: int = LARGEST_PAGE, page_seconds: float = PAGE_SECONDS, crawl_seconds: float = CRAWL_SECONDS
    ) -> None:
        self._largest_page = largest_page
        self._page_seconds = page_seconds
        self._crawl_seconds = crawl_seconds

    def crawl(self, url: str, *, limit: int, on_page: OnPage) -> CrawlReport:
        def get(address: str, most: int = self._largest_page, types: tuple[str, ...] = ()) -> Fetched:
            return fetch(address, limit=most, seconds=self._page_seconds, types=types)

        return Crawl(url, limit, on_page, get, time.monotonic() + self._crawl_seconds).report()


class Crawl:
    """One run: the state between two pages."""

    def __init__(self, given: str, limit: int, on_page: OnPage, get: Callable[..., Fetched], until: float) -> None:
        self.given, self.limit, self.on_page, self.get, self.until = given, limit, on_page, get, until
        self.robots = Robots(get)
        self.styles = Stylesheets(get)
        self.pages: list[CrawledPage] = []
        self.refused: list[dict[str, str]] = []
        self.read: set[str] = set()  # addresses
        self.seen: set[str] = set()  # digests of pages and of their texts
        self.asked = 1

    def report(self) -> CrawlReport:
        start = self._start()
        answer = self._start_page(start)
        self.scope = Scope.around(start)
        self.frontier = Frontier(self.scope, urlsplit(answer.url).netloc)
        self._read(answer, 0)
        self._tell()
        if len(self.pages) < self.limit:
            named = [*self.robots.sitemaps(answer.url), f"{origin_of(answer.url)}/sitemap.xml"]
            self.frontier.add(sitemap_urls(self.get, named, self._may_open), FOUND_IN_SITEMAP)
        while self._goes_on():
            self._visit(*self.frontier.take())
        return self._finished()

    def _start(self) -> str:
        """The first address whose server answers and allows the visit. Raises SiteUnreadable or AddressRefused."""
        failures: list[SiteUnreadable] = []
        for address in starts(self.given):
            try:
                allowed = self.robots.allows(address)
            except SiteUnreadable as error:
                failures.append(error)
                continue
            if allowed:
                return address
            raise SiteUnreadable(
                f"{origin_of(address)}/robots.txt forbids reading {address} ({self.robots.forbidding_rule(address)})",
                hint=f"Give another page of the site, or let the user agent {AGENT} in.",
            )
        details = "; ".join(dict.fromkeys(error.detail for error in failures))
        raise SiteUnreadable(details, hint=failures[0].hint or "Check the address in a browser.")

    def _start_page(self, start: str) -> Fetched:
        answer = self.get(start, types=HTML)
        if answer.status in COME_AGAIN:
            raise VendorUnavailable(f"the start page answers {answer.status}", vendor=urlsplit(start).netloc)
        if answer.status != OK:
            raise SiteUnreadable(f"{start} answers {answer.status}", hint="Check the address in a browser.")
        if site_of(answer.url) != site_of(start):
            other = site_of(answer.url)
            raise SiteUnreadable(f"{start} redirects to another site, {other}", hint=f"Give {other} when that is meant.")
        return answer

    def _goes_on(self) -> bool:
        """Whether another page is wanted and may be asked for; what is cut short is told in the report."""
        if len(self.pages) >= self.limit or not len(self.frontier):
            return False
        if time.monotonic() > self.until:
            self._refuse(self.given, f"the time for this site is over; {len(self.frontier)} known addresses were not read")
            return False
        return self.asked < self.limit * TRIES_PER_PAGE

    def _visit(self, url: str, distance: int) -> None:
        """One address: read, or refused with its reason; the crawl goes on either way."""
        if url in self.read:
            return
        try:
            self._must_allow(url)
            time.sleep(self.robots.delay(url))
            self.asked += 1
            self._read(self._linked_page(url), distance)
        except (SiteUnreadable, AddressRefused) as error:
            self._refuse(url, error.detail)
        self._tell()

    def _must_allow(self, url: str) -> None:
        if not self.robots.allows(url):
            raise SiteUnreadable(f"robots.txt forbids it ({self.robots.forbidding_rule(url)})")

    def _linked_page(self, url: str) -> Fetched:
        answer = self.get(url, types=HTML)
        if answer.status != OK:
            raise SiteUnreadable(f"it answers {answer.status}")
        if answer.url != url and not self.scope.holds(answer.url):
            raise SiteUnreadable(f"it redirects to {answer.url[:200]}, outside of what was given")
        if answer.url != url:
            self._must_allow(answer.url)
        return answer

    def _read(self, answer: Fetched, distance: int) -> None:
        """Follow the page's links, and keep it when it is new and has words."""
        url = clean(answer.url) or answer.url
        self.read.add(url)
        if not self._is_new(answer.content):
            self._refuse(url, "it is the same as a page already read")
            return
        document = Document(decoded(answer.content, answer.charset), url)
        rules = document.robots(answer.headers.get("x-robots-tag", ""))
        if "nofollow" not in rules:
            self.frontier.add(document.links, distance + 1)
        if "noindex" in rules:
            self._refuse(url, "the page asks not to be indexed (noindex)")
            return
        self._keep(document)

    def _keep(self, document: Document) -> None:
        page = document.page(self.styles.of(document.stylesheets))
        if page.text and self._is_new(page.text.encode()):
            self.pages.append(page)
        elif not document.is_listing:
            self._refuse(page.url, "its text is the same as another page's" if page.text else "it has no readable text")

    def _is_new(self, content: bytes) -> bool:
        digest = hashlib.sha256(content).hexdigest()
        known = digest in self.seen
        self.seen.add(digest)
        return not known

    def _may_open(self, url: str) -> bool:
        return self.scope.same_site(url) and self.robots.allows(url)

    def _tell(self) -> None:
        self.on_page(len(self.pages), len(self.pages) + len(self.frontier))

    def _refuse(self, url: str, reason: str) -> None:
        self.refused.append({"url": url, "reason": reason})

    def _finished(self) -> CrawlReport:
        if not self.pages:
            reasons = "; ".join(f"{r['url']}: {r['reason']}" for r in self.refused[:3])
            raise SiteUnreadable(
                f"{self.given} has no readable text on the {self.asked} page(s) looked at" + (f" ({reasons})" if reasons else ""),
                hint="A site drawn by scripts only cannot be read; give a page that holds text.",
            )
        return CrawlReport(pages=tuple(self.pages), refused=tuple(self.refused), vendor=SiteCrawler.vendor)
