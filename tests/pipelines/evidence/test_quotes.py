"""Whether a quote stands on a page."""

from __future__ import annotations

import pytest

from pipelines.evidence.quotes import QuotedPages
from providers.contracts.crawl import CrawledPage

URL = "https://tallow.example/about"
PAGE = CrawledPage(
    url=URL,
    title="About Tallow",
    text="We\u2019ve poured candles \u2014 by hand \u2014\n\nsince\u00a01984. "
    "\u201cLight that lasts\u201d is our promise.\n\n\u79c1\u305f\u3061\u306f\u624b\u4ed5\u4e8b\u3092\u611b\u3059\u308b\u3002",
    headings=("Made in Leeds",),
)


@pytest.mark.parametrize(
    "quote",
    [
        "We've poured candles - by hand",
        "since 1984",
        '"Light that lasts"',
        "light that lasts\u201d is our promise.",
        "by hand \u2014 since 1984",
        "We\u2019ve poured candles ...",
        "Made in Leeds",
        "\u624b\u4ed5\u4e8b\u3092\u611b\u3059\u308b",
    ],
)
def test_quotes_that_stand_there(quote: str) -> None:
    """Kinds of blanks, quote marks and dashes do not matter; headings count as well."""
    assert QuotedPages([PAGE]).holds(URL, quote)


@pytest.mark.parametrize("quote", ["We have poured candles", "since 1985", "hand", "", '"..."', "\u611b\u3059", "poured by hand"])
def test_quotes_that_prove_nothing(quote: str) -> None:
    """Other words, words with something left out between them, and crumbs are no quotes."""
    assert not QuotedPages([PAGE]).holds(URL, quote)


def test_url_must_be_the_page() -> None:
    """A quote counts for its own page only, however that page's URL is spelt."""
    pages = QuotedPages([PAGE])
    assert pages.holds(URL + "/#top", "since 1984")
    assert not pages.holds("https://tallow.example/", "since 1984")
