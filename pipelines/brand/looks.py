"""How the brand looks, from what the crawler found in the pages' own code."""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Callable, Sequence

from pipelines.brand.dna import Look
from providers.contracts.crawl import CrawledPage

MOST_COLOURS = 6
MOST_FONTS = 3


def ranked(pages: Sequence[CrawledPage], values: Callable[[CrawledPage], tuple[str, ...]]) -> list[Look]:
    """Every value with the first page that has it; the higher it stands on more pages, the earlier."""
    weight: Counter[str] = Counter()
    first_page: dict[str, str] = {}
    for page in pages:
        for place, value in enumerate(values(page)):
            weight[value] += max(1, 10 - place)
            first_page.setdefault(value, page.url)
    return [Look(value=value, page=first_page[value]) for value, _ in weight.most_common()]


def is_grey(colour: str) -> bool:
    """Black, white and everything between without a visible tint."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    _, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return saturation < 0.12 or lightness < 0.06 or lightness > 0.96


def colours(pages: Sequence[CrawledPage]) -> list[Look]:
    """The tinted colours first: black and white are on every page and mark no brand."""
    found = ranked(pages, lambda page: page.colours)
    return sorted(found, key=lambda look: is_grey(look.value))[:MOST_COLOURS]


def fonts(pages: Sequence[CrawledPage]) -> list[Look]:
    return ranked(pages, lambda page: page.fonts)[:MOST_FONTS]


def logo(pages: Sequence[CrawledPage]) -> Look | None:
    """The best candidate of the first page that has any."""
    return next((Look(value=page.logo_candidates[0], page=page.url) for page in pages if page.logo_candidates), None)
