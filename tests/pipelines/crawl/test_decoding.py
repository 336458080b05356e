"""Encodings of pages."""

from __future__ import annotations

import pytest

from pipelines.crawl.decoding import decoded

PRICE = "Gr\u00fc\u00dfe: \u20ac 5"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        (PRICE.encode(), None),
        (b"\xef\xbb\xbf" + PRICE.encode(), "iso-8859-1"),
        (b"\xff\xfe" + PRICE.encode("utf-16-le"), None),
        (PRICE.encode("cp1252"), None),
        (PRICE.encode("cp1252"), "iso-8859-1"),
        (PRICE.encode("iso-8859-15"), "iso-8859-15"),
        (PRICE.encode(), "no-such-charset"),
        (PRICE.encode(), "hex"),
    ],
)
def test_letters_survive(content: bytes, charset: str | None) -> None:
    """Whatever says how a page is encoded, its letters are read right."""
    assert decoded(content, charset) == PRICE


def test_declared_by_the_page() -> None:
    """A page's own declaration is followed."""
    page = '<meta charset="shift_jis">\u6771\u4eac'
    assert decoded(page.encode("shift_jis")) == page


def test_broken_bytes_are_replaced() -> None:
    """A wrong byte does not lose the page."""
    assert decoded(b"caf\xff", "utf-8") == "caf\ufffd"
