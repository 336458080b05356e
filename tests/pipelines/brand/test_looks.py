"""The looks of a brand."""

from __future__ import annotations

from pipelines.brand import looks
from tests.pipelines.conftest import ABOUT, HOME


def test_tinted_colours_first() -> None:
    """White and black are on every page and mark no brand, so they come last; each colour names its page."""
    found = looks.colours([HOME, ABOUT])
    assert [look.value for look in found] == ["#b3541e", "#ffffff", "#222222"]
    assert found[0].page == HOME.url


def test_logo_and_fonts_name_their_page() -> None:
    """The first page that has a logo gives it."""
    found = looks.logo([ABOUT, HOME])
    assert found is not None and (found.value, found.page) == ("https://tallow.example/logo.svg", HOME.url)
    assert [look.value for look in looks.fonts([HOME, ABOUT])] == ["Lora"]


def test_plain_pages_have_no_looks() -> None:
    """A page without CSS gives nothing rather than a guess."""
    assert looks.logo([ABOUT]) is None and looks.fonts([ABOUT]) == []
