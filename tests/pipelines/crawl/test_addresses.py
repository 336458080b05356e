"""URLs of a crawl."""

from __future__ import annotations

import pytest

from core.errors import SiteUnreadable
from pipelines.crawl.addresses import LONGEST, Scope, clean, may_be_page, site_of, starts


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("HTTP://Example.COM:80/a/../b#part", "http://example.com/b"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/?utm_source=x&page=2&gclid=y", "https://example.com/?page=2"),
        ("https://example.com/doc?chapter", "https://example.com/doc?chapter"),
        ("https://example.com/a b/\u00fc", "https://example.com/a%20b/%C3%BC"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
    ],
)
def test_one_spelling(given: str, cleaned: str) -> None:
    """Spellings of one page become the same URL."""
    assert clean(given) == cleaned


@pytest.mark.parametrize(
    "given", ["mailto:a@example.com", "javascript:void(0)", "https://user:pw@example.com/", "http://[broken", "ftp://a/b"]
)
def test_what_is_no_page(given: str) -> None:
    """Addresses that no crawl may open are None."""
    assert clean(given, "https://example.com/") is None


def test_too_long_address() -> None:
    """Endless addresses are passed over."""
    assert clean("https://example.com/" + "a" * LONGEST) is None


def test_relative_address() -> None:
    """Links are resolved against their page."""
    assert clean("../b.html", "https://example.com/x/y/a.html") == "https://example.com/x/b.html"


def test_starts_of_a_domain() -> None:
    """A bare domain is tried by https, then http; a URL as it is."""
    assert starts(" example.com ") == ["https://example.com/", "http://example.com/"]
    assert starts("http://example.com/shop") == ["http://example.com/shop"]


@pytest.mark.parametrize("given", ["", "two words", "mailto:a@b.example", "https://"])
def test_starts_of_nonsense(given: str) -> None:
    """What names no site is refused."""
    with pytest.raises(SiteUnreadable):
        starts(given)


def test_site_is_the_registrable_domain() -> None:
    """Subdomains belong to a site, customers of a hosting domain do not; addresses count with their port."""
    assert site_of("https://shop.example.co.uk/") == site_of("http://www.example.co.uk/")
    assert site_of("https://one.github.io/") != site_of("https://two.github.io/")
    assert site_of("http://127.0.0.1:8001/") != site_of("http://127.0.0.1:8002/")


def test_scope_is_the_folder() -> None:
    """The folder of the given URL bounds the crawl; a file name at its end does not."""
    scope = Scope.around("https://example.com/docs/index.html")
    assert scope.holds("https://www.example.com/docs/deep/page.html")
    assert not scope.holds("https://example.com/blog/")


def test_files_are_no_pages() -> None:
    """Endings of other files are told from pages."""
    assert may_be_page("https://example.com/a.html") and may_be_page("https://example.com/v1.2/")
    assert not may_be_page("https://example.com/a.PDF")
