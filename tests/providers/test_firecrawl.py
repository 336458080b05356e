"""The client of Firecrawl: against the played one, and against protocol corners played by hand."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

import pytest

from core.errors import (
    Cancelled,
    DrumbeatError,
    OutcomeUnknown,
    SiteUnreadable,
    VendorRejected,
    VendorThrottled,
    VendorUnauthorized,
    VendorUnavailable,
)
from providers import prices, registry
from providers.contracts.crawl import Crawler
from sandbox.env import firecrawl_environment
from tests.providers.conftest import Behaviour, LocalServer, answering
from tests.stack import SandboxProcess

Serve = Callable[[Behaviour], LocalServer]
Configure = Callable[..., None]


def silently(_read: int, _known: int) -> None:
    """A progress that nobody looks at."""


@pytest.fixture
def crawler(sandbox: SandboxProcess, configure: Configure) -> Crawler:
    configure(**firecrawl_environment(sandbox.url))
    crawler = registry.crawler_vendor()
    assert crawler
    return crawler


def test_a_site_is_crawled(crawler: Crawler, sandbox: SandboxProcess) -> None:
    """Pages with text and titles, not more than asked for, with progress and a price."""
    seen: list[tuple[int, int]] = []
    report = crawler.crawl(sandbox.site_url, limit=4, on_page=lambda read, known: seen.append((read, known)))
    assert 1 < len(report.pages) <= 4
    assert all(p.url.startswith(sandbox.site_url) and p.title and p.text for p in report.pages)
    assert report.cost >= len(report.pages) * prices.CRAWL_CREDIT
    assert seen
    assert report.vendor == "firecrawl"
    assert crawler.simulated


@pytest.mark.parametrize(
    ("mode", "error"),
    [("throttle", VendorThrottled), ("error", VendorUnavailable), ("unauthorized", VendorUnauthorized), ("lose_answer", OutcomeUnknown)],
)
def test_every_failure_of_the_start_has_its_error(crawler: Crawler, sandbox: SandboxProcess, mode: str, error: type[DrumbeatError]) -> None:
    """As for every vendor."""
    sandbox.fault(vendor="firecrawl", mode=mode, method="POST", times=1)
    with pytest.raises(error):
        crawler.crawl(sandbox.site_url, limit=2, on_page=silently)


def document(name: str, status: int = 200) -> dict[str, object]:
    metadata = {"title": [name], "url": f"https://q.example/{name}", "statusCode": status, "language": "en"}
    branding = {
        "logo": "https://q.example/logo.svg",
        "colors": {"primary": "#AABBCC", "accent": "red"},
        "fonts": [{"family": "Lora"}],
        "images": {},
    }
    return {"markdown": f"# {name}\n\nWe make **lamps**.", "links": ["https://q.example/"], "metadata": metadata, "branding": branding}


class PlayedCrawl:
    """Answers as the vendor would: scraping, completed with `next`, the rest; then the errors."""

    def __init__(self, parts: list[dict[str, object]]) -> None:
        self.parts, self.lines = parts, list[str]()

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        line = request.split(b"\r\n")[0].decode()
        self.lines.append(line)
        if line.startswith("POST"):
            body: object = {"success": True, "id": "c1", "url": "https://elsewhere.example/c1"}
        elif "/errors" in line:
            body = {"errors": [{"url": "https://q.example/slow", "error": "timeout"}], "robotsBlocked": ["https://q.example/private"]}
        elif line.startswith("DELETE"):
            body = {"status": "cancelled"}
        else:
            body = self.parts.pop(0) if len(self.parts) > 1 else self.parts[0]
        answering(json.dumps(body).encode())(connection, request)


def playing(serve: Serve, configure: Configure, *parts: dict[str, object]) -> tuple[Crawler, PlayedCrawl]:
    played = PlayedCrawl(list(parts))
    configure(FIRECRAWL_API_KEY="fc-key", FIRECRAWL_BASE_URL=f"{serve(played).url}/v2", VENDOR_TIMEOUT_SECONDS="5")
    crawler = registry.crawler_vendor()
    assert crawler
    return crawler, played


def test_results_are_read_to_the_end(serve: Serve, configure: Configure) -> None:
    """`completed` with a `next` is not the end, and `next` is asked at the vendor's own address whatever it names."""
    first: dict[str, object] = {"status": "completed", "total": 3, "completed": 3, "creditsUsed": 3, "data": [document("one")]}
    first["next"] = "https://elsewhere.example/v2/crawl/c1?skip=1"
    last: dict[str, object] = {"status": "completed", "data": [document("two"), document("gone", 404)]}
    crawler, played = playing(serve, configure, first, last)
    report = crawler.crawl("https://q.example/", limit=5, on_page=silently)
    assert [p.title for p in report.pages] == ["one", "two"]
    assert {r["url"]: r["reason"] for r in report.refused} == {
        "https://q.example/gone": "answers 404",
        "https://q.example/slow": "timeout",
        "https://q.example/private": "forbidden by robots.txt",
    }
    assert "GET /v2/crawl/c1?skip=1 HTTP/1.1" in played.lines
    assert report.cost == 3 * prices.CRAWL_CREDIT


def test_a_page_has_text_headings_and_the_brands_looks(serve: Serve, configure: Configure) -> None:
    """Markdown becomes plain text; branding gives logo, colours and fonts."""
    crawler, _ = playing(serve, configure, {"status": "completed", "data": [document("one")]})
    [page] = crawler.crawl("https://q.example/", limit=1, on_page=silently).pages
    assert (page.text, page.headings, page.language) == ("one\n\nWe make lamps.", ("one",), "en")
    assert (page.logo_candidates, page.colours, page.fonts) == (("https://q.example/logo.svg",), ("#aabbcc",), ("Lora",))


def test_a_cancelled_crawl_is_cancelled_at_the_vendor(serve: Serve, configure: Configure) -> None:
    """Nothing runs on for nobody."""
    crawler, played = playing(serve, configure, {"status": "scraping", "total": 9, "completed": 1, "data": []})

    def cancel(_read: int, _known: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        crawler.crawl("https://q.example/", limit=9, on_page=cancel)
    assert played.lines[-1].startswith("DELETE /v2/crawl/c1")


def test_a_failed_look_does_not_cost_the_crawl(serve: Serve, configure: Configure) -> None:
    """Polling goes on: one crawl is started, not two."""
    played = PlayedCrawl([{"status": "completed", "data": [document("one")]}])
    failures = [answering(status="503 Service Unavailable"), answering(status="429 Too Many Requests", headers="Retry-After: 0")]

    def behave(connection: socket.socket, request: bytes) -> None:
        is_look = request.startswith(b"GET") and b"/errors" not in request.split(b"\r\n")[0]
        (failures.pop() if is_look and failures else played)(connection, request)

    configure(FIRECRAWL_API_KEY="fc-key", FIRECRAWL_BASE_URL=serve(behave).url)
    crawler = registry.crawler_vendor()
    assert crawler
    assert len(crawler.crawl("https://q.example/", limit=1, on_page=silently).pages) == 1
    assert len([line for line in played.lines if line.startswith("POST")]) == 1


def test_a_failed_crawl_is_told(serve: Serve, configure: Configure) -> None:
    """With the vendor's reason."""
    crawler, _ = playing(serve, configure, {"status": "failed", "error": "the site is down"})
    with pytest.raises(VendorRejected, match="the site is down"):
        crawler.crawl("https://q.example/", limit=2, on_page=silently)


def test_a_site_without_a_readable_page_is_unreadable(serve: Serve, configure: Configure) -> None:
    """With the reasons."""
    crawler, _ = playing(serve, configure, {"status": "completed", "data": [document("one", 500)]})
    with pytest.raises(SiteUnreadable, match="answers 500"):
        crawler.crawl("https://q.example/", limit=2, on_page=silently)
