"""Figures in advertising words."""

from __future__ import annotations

from pipelines.concepts.figures import invented


def test_made_up_figures() -> None:
    """A figure counts as known only when the material has it, whatever mark parts its digits."""
    material = ["Each costs 12,50 and burns for 40 hours.", "Since 1984"]
    assert invented("Only 12.50 for 40 hours, since 1984", material) == []
    assert invented("Only 9.99, a 50% saving, for 4 hours", material) == ["4", "50", "9.99"]


def test_words_without_figures() -> None:
    """Words alone are never a fault."""
    assert invented("Light that lasts", []) == []
