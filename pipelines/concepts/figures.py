"""Figures in advertising words: each must come from the material, for a made-up price is the costliest mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable

FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def figures(text: str) -> set[str]:
    """Every figure in the text, thousands separators and decimal commas written one way."""
    return {found.replace(",", ".") for found in FIGURE.findall(text)}


def invented(text: str, material: Iterable[str]) -> list[str]:
    """Figures of the text that occur nowhere in the material, sorted."""
    known: set[str] = set().union(*(figures(words) for words in material))
    return sorted(figures(text) - known)
