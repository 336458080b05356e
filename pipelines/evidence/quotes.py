"""Whether a quote really stands on a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from providers.contracts.crawl import CrawledPage

SAME_MARK = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u2039\u203a", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\ufeff", ""),
    }
)
SPACE = re.compile(r"\s+")
SHORTEST = 8  # characters a quote needs to prove anything; scripts outside ASCII say more with fewer
SHORTEST_BEYOND_ASCII = 4


def normalised(text: str) -> str:
    """Text with one kind of space, quote mark, dash and letter case."""
    return SPACE.sub(" ", unicodedata.normalize("NFKC", text).translate(SAME_MARK)).strip().casefold()


def bare(quote: str) -> str:
    """A quote, normalised, without the quote marks and full stops that models put around it."""
    return normalised(quote).removesuffix("...").strip("'\" ")


def too_short(quote: str) -> bool:
    found = bare(quote)
    return len(found) < (SHORTEST if found.isascii() else SHORTEST_BEYOND_ASCII)


def page_key(url: str) -> str:
    """The same for spellings of a URL that mean one page."""
    return url.strip().split("#", 1)[0].rstrip("/").casefold()


class QuotedPages:
    """The crawled pages, ready to be searched."""

    def __init__(self, pages: Iterable[CrawledPage]) -> None:
        self._texts: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        for page in pages:
            key = page_key(page.url)
            self._urls[key] = page.url
            self._texts[key] = normalised("\n".join((page.title, page.description, *page.headings, page.text)))

    def known(self, url: str) -> bool:
        return page_key(url) in self._texts

    def holds(self, url: str, quote: str) -> bool:
        return not too_short(quote) and bare(quote) in self._texts.get(page_key(url), "")

    def page_of(self, quote: str) -> str | None:
        """URL of the first page that holds the quote."""
        return next((url for key, url in self._urls.items() if self.holds(key, quote)), None)

    def contains(self, words: str) -> bool:
        """Whether any page has these words, however short."""
        return any(normalised(words) in text for text in self._texts.values())
