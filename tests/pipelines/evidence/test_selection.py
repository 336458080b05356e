"""Which pages a model reads."""

from __future__ import annotations

from pipelines.evidence.selection import LARGEST_SHARE, reading, trimmed
from providers.contracts.crawl import CrawledPage


def page(path: str, text: str = "Some words of this page. " * 20) -> CrawledPage:
    return CrawledPage(url=f"https://tallow.example{path}", title=path, text=text)


def test_telling_pages_go_first() -> None:
    """Start page, about, products, prices, the rest, and legal pages last."""
    given = [page(p) for p in ("/", "/privacy", "/news", "/pricing", "/products/x", "/about")]
    assert [found["title"] for found in reading(given)] == ["/", "/about", "/products/x", "/pricing", "/news", "/privacy"]


def test_budget_holds() -> None:
    """All texts together stay within the budget, one text within its share."""
    given = [page(f"/{n}", "A sentence of some length. " * 1000) for n in range(20)]
    texts = [len(found["text"]) for found in reading(given, budget=20_000)]
    assert sum(texts) <= 20_000 and max(texts) <= LARGEST_SHARE and len(texts) > 3


def test_same_pages_same_reading() -> None:
    """A step that runs again asks the same question."""
    given = [page(f"/{n}") for n in range(9)]
    assert reading(given) == reading(list(given))


def test_cut_at_a_paragraph_or_sentence() -> None:
    """Texts end where a thought ends."""
    assert trimmed("One two three.\n\nFour five six.", 20) == "One two three."
    assert trimmed("One two. Three four. Five", 22) == "One two. Three four."
    assert trimmed("\u4e00" * 50, 10) == "\u4e00" * 10
    assert trimmed("short", 10) == "short"
