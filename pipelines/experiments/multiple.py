"""Many comparisons at once: p-values raised so that the family keeps its error rate."""

from __future__ import annotations

from collections.abc import Sequence


def adjust(p_values: Sequence[float], how: str) -> list[float]:
    """`holm`: the chance of any false finding (Holm 1979). `bh`: the expected share of false ones (Benjamini and Hochberg 1995). `none`."""
    if how == "none":
        return list(p_values)
    return holm(p_values) if how == "holm" else benjamini_hochberg(p_values)


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p times the number of hypotheses not yet rejected, never below an earlier one."""
    adjusted, highest, m = [0.0] * len(p_values), 0.0, len(p_values)
    for rank, at in enumerate(sorted(range(m), key=lambda one: p_values[one])):
        highest = max(highest, min(1.0, (m - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Each p times m ÷ rank, never above a later one."""
    adjusted, lowest, m = [0.0] * len(p_values), 1.0, len(p_values)
    for rank, at in reversed(list(enumerate(sorted(range(m), key=lambda one: p_values[one]), 1))):
        lowest = min(lowest, p_values[at] * m / rank)
        adjusted[at] = lowest
    return adjusted
