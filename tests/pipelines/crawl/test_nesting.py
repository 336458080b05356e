"""Pages built to exhaust a parser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.crawl.nesting import is_sound
from providers.contracts.crawl import CrawlReport
from tests.pipelines.conftest import Site


@pytest.mark.parametrize("html", ["<div>a" * 150_000, "<p>" + "<b id=x>" * 900 + "</p><p>x" * 2000], ids=["deep", "reopened"])
def test_hostile_page_is_refused_and_the_crawl_goes_on(site: Site, crawl: Callable[..., CrawlReport], html: str) -> None:
    """A page that would take gigabytes or hours to parse is reported, the next one is read."""
    site.page("/", '<p>Enough words to be a page.</p><a href="/bomb">bomb</a> <a href="/fine">fine</a>')
    site.serve("/bomb", html, "text/html")
    site.page("/fine", "<p>These are other words of a page that is fine.</p>")
    report = crawl(site.url)
    assert [page.url for page in report.pages] == [site.url, f"{site.url}fine"]
    assert "nested too deeply" in report.refused[0]["reason"]


def test_long_old_pages_are_sound() -> None:
    """Thousands of paragraphs and items that nobody closed are ordinary HTML."""
    assert is_sound("<html><body>" + "<p>words<br><li>item" * 20_000)
    assert is_sound("<font color=red>red</font><p>" * 20_000)
