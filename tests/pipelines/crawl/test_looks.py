"""Colours and fonts from CSS."""

from __future__ import annotations

import pytest

from pipelines.crawl.looks import colours_in, colours_of, first_family, fonts_of, fonts_of_link, most_used, without_comments


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("#B3541E", ["#b3541e"]),
        ("#abc", ["#aabbcc"]),
        ("rgb(179, 84, 30)", ["#b3541e"]),
        ("rgb(179 84 30 / 50%)", ["#b3541e"]),
        ("rgba(0,0,0,0)", []),
        ("#12345600", []),
        ("1px solid Navy", ["#000080"]),
        ("rgb(300, 0, 0)", []),
        ("url(#icon-red)", []),
    ],
)
def test_colour_spellings(value: str, found: list[str]) -> None:
    """Every spelling of a colour becomes #rrggbb; what cannot be seen is left out."""
    assert colours_in(value) == found


def test_most_used_first() -> None:
    """The order is by use, and a property that names the brand counts more."""
    css = "a{color:#111111}b{color:#111111}c{color:#222222}:root{--brand-colour:#333333} /* d{color:#444444} */"
    assert most_used(colours_of(css)) == ("#333333", "#111111", "#222222")


@pytest.mark.parametrize(
    ("value", "family"),
    [
        ("'Source Serif 4', serif", "Source Serif 4"),
        ("Lora, Georgia, serif", "Lora"),
        ("-apple-system, BlinkMacSystemFont, 'Segoe UI'", "Segoe UI"),
        ("bold 14px/1.2 Verdana, sans-serif", "Verdana"),
        ("var(--body)", None),
        ("inherit", None),
    ],
)
def test_first_real_family(value: str, family: str | None) -> None:
    """Generic families and variables are no fonts of a brand."""
    assert first_family(value) == family


def test_fonts_by_use() -> None:
    """Font names are counted over all declarations."""
    assert fonts_of("a{font-family:Lora}b{font-family:Inter,serif}c{font-family:Lora!important}").most_common(1) == [("Lora", 2)]


def test_comments_are_left_out() -> None:
    """Comments are no declarations, the one that never ends neither."""
    assert without_comments("a /* b */c/* d") == "a c "


def test_fonts_of_a_font_service() -> None:
    """A Google Fonts link names its families."""
    link = "https://fonts.googleapis.com/css2?family=Playfair+Display:wght@700&family=Inter&display=swap"
    assert fonts_of_link(link) == ["Playfair Display", "Inter"]
    assert fonts_of_link("/css?family=Inter") == []
