"""Models that follow a rule: first, last, linear, position based, time decay."""

from __future__ import annotations

import numpy as np

from pipelines.analytics.attribution.paths import Credit, Figures, Paths

FIRST_SHARE = LAST_SHARE = 0.4  # of the position-based model; the steps between share the rest


def first_touch(paths: Paths) -> Credit:
    """All to the first step."""
    return _to_steps(paths, _at(paths, paths.starts[:-1]))


def last_touch(paths: Paths) -> Credit:
    """All to the last step."""
    return _to_steps(paths, _at(paths, paths.starts[1:] - 1))


def linear(paths: Paths) -> Credit:
    """The same to every step."""
    return _to_steps(paths, (1.0 / paths.lengths)[paths.owners])


def position_based(paths: Paths, first: float = FIRST_SHARE, last: float = LAST_SHARE) -> Credit:
    """`first` and `last` to the ends, the rest evenly between. Of two steps each gets its end's share, scaled to one."""
    lengths = paths.lengths
    between = np.where(lengths > 2, (1.0 - first - last) / np.maximum(lengths - 2, 1), 0.0)[paths.owners]
    ends = np.where(lengths > 2, 1.0, 1.0 / (first + last) if first + last else 0.0)
    weights = between
    weights[paths.starts[:-1]] = np.where(lengths > 1, first * ends, 1.0)
    weights[paths.starts[1:] - 1] = np.where(lengths > 1, last * ends, 1.0)
    if first + last == 0:  # two steps and no share for either end: evenly
        weights[np.isin(paths.owners, np.flatnonzero(lengths == 2))] = 0.5
    return _to_steps(paths, weights)


def time_decay(paths: Paths) -> Credit:
    """Each step by 2^(-age / half-life), scaled to one conversion; summed where the times were still known."""
    return paths.decayed


def _at(paths: Paths, positions: np.ndarray) -> Figures:
    weights = np.zeros(len(paths.steps))
    weights[positions] = 1.0
    return weights


def _to_steps(paths: Paths, weights: Figures) -> Credit:
    """Every step's weight times what its path brought, summed by player. weights: one for each step, summing to 1 in a path."""

    def summed(figures: Figures) -> Figures:
        return np.bincount(paths.steps, weights * figures[paths.owners], minlength=len(paths.players)).astype(np.float64)

    return Credit(summed(paths.conversions), summed(paths.revenue))
