"""robots.txt in a crawl."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from core.errors import SiteUnreadable
from pipelines.crawl.robots import LARGEST_DELAY, Robots
from providers.contracts.crawl import CrawlReport
from providers.fetch import Fetched
from tests.pipelines.conftest import Site

WORDS = "<p>These are enough words to be a page of its own, number {}.</p>"


def robots_of(text: str, status: int = 200) -> Robots:
    return Robots(lambda url, _most: Fetched(url, status, "text/plain", None, {}, text.encode()))


def test_forbidden_site_names_the_rule(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """A site that forbids all robots fails with the very rule, and no page is asked for."""
    site.serve("/robots.txt", "User-agent: *\nDisallow: /\n", "text/plain")
    site.page("/", WORDS.format(1))
    with pytest.raises(SiteUnreadable, match=r"User-agent: \* / Disallow: /"):
        crawl(site.url)
    assert site.asked == ["/robots.txt"]


def test_forbidden_page_is_left_out(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """A forbidden page is reported, not asked for; the others are read."""
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private/\n", "text/plain")
    site.page("/", WORDS.format(1) + '<a href="/private/x">x</a> <a href="/open">open</a>')
    site.page("/private/x", WORDS.format(2))
    site.page("/open", WORDS.format(3))
    report = crawl(site.url)
    assert [page.url for page in report.pages] == [site.url, f"{site.url}open"]
    assert "Disallow: /private/" in report.refused[0]["reason"]
    assert "/private/x" not in site.asked


def test_redirect_to_a_forbidden_page_is_left_out(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """A redirect is no way around robots.txt."""
    site.serve("/robots.txt", "User-agent: *\nDisallow: /private/\n", "text/plain")
    site.page("/", WORDS.format(1) + '<a href="/door">door</a>')
    site.redirect("/door", "/private/x")
    site.page("/private/x", WORDS.format(2))
    assert [page.url for page in crawl(site.url).pages] == [site.url]


def test_our_name_has_rules_of_its_own() -> None:
    """A group for DrumbeatBot goes before the group for all."""
    robots = robots_of("User-agent: *\nDisallow: /\n\nUser-agent: DrumbeatBot\nAllow: /\n")
    assert robots.allows("https://tallow.example/about")


def test_crawl_delay_is_kept(site: Site, crawl: Callable[..., CrawlReport]) -> None:
    """The asked pause lies between two pages."""
    site.serve("/robots.txt", "User-agent: *\nCrawl-delay: 0.3\n", "text/plain")
    site.page("/", WORDS.format(1) + '<a href="/two">two</a>')
    site.page("/two", WORDS.format(2))
    started = time.monotonic()
    assert len(crawl(site.url).pages) == 2
    assert time.monotonic() - started >= 0.3


def test_long_crawl_delay_is_cut() -> None:
    """A pause of an hour would stop the job, not protect the server."""
    assert robots_of("User-agent: *\nCrawl-delay: 3600\n").delay("https://tallow.example/") == LARGEST_DELAY


def test_rule_of_our_own_group_is_named() -> None:
    """The rule that is told is one that concerns us."""
    robots = robots_of("User-agent: OtherBot\nDisallow: /a\n\nUser-agent: DrumbeatBot\nDisallow: /*/draft$\n")
    assert robots.allows("https://tallow.example/a") and not robots.allows("https://tallow.example/a/draft")
    assert robots.forbidding_rule("https://tallow.example/a/draft") == "User-agent: DrumbeatBot / Disallow: /*/draft$"


def test_missing_file_allows_all() -> None:
    """Without robots.txt everything may be read."""
    assert robots_of("not found", status=404).allows("https://tallow.example/about")


def test_failing_server_forbids_all() -> None:
    """A server that fails on robots.txt is left alone."""
    robots = robots_of("oops", status=500)
    assert not robots.allows("https://tallow.example/")
    assert "robots.txt" in robots.forbidding_rule("https://tallow.example/")
