"""What the models read: distinct paths, and how often each was walked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Figures = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Credit:
    """[P] each: what a model gives to every player. Sums to the conversions and the revenue of the paths."""

    conversions: Figures
    revenue: Figures


@dataclass(frozen=True)
class Paths:
    """N distinct paths over P players (channels, or campaigns).

    steps holds the players of all paths one after another; path n is steps[starts[n]:starts[n + 1]]. Of each path:
    conversions that ended it, their revenue, and losses, people who walked it and did not convert. decayed: time-decay
    credit, which needs the times that a path no longer holds. unassigned: conversions and revenue without a touchpoint.
    """

    players: tuple[str, ...]
    steps: Numbers
    starts: Numbers  # [N + 1]
    conversions: Figures  # [N]
    revenue: Figures  # [N]
    losses: Figures  # [N]
    decayed: Credit
    unassigned: tuple[float, float] = (0.0, 0.0)
    shortened: int = 0  # paths of which only the last MOST_TOUCHES steps were kept

    @property
    def lengths(self) -> Numbers:
        return np.diff(self.starts)

    @property
    def owners(self) -> Numbers:
        """[S] the path that each step belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), self.lengths)

    def path(self, number: int) -> tuple[str, ...]:
        """The players of one path by name."""
        return tuple(self.players[step] for step in self.steps[self.starts[number] : self.starts[number + 1]])


def paths_of(walked: Sequence[tuple[Sequence[str], float, float, float]], decayed: Credit | None = None) -> Paths:
    """Paths from (names, conversions, revenue, losses); for small inputs and for tests."""
    players = tuple(sorted({name for names, *_ in walked for name in names}))
    number = {name: n for n, name in enumerate(players)}
    columns: Any = np.array([figures for _, *figures in walked], dtype=float).reshape(-1, 3)
    return Paths(
        players=players,
        steps=np.array([number[name] for names, *_ in walked for name in names], dtype=np.int64),
        starts=np.cumsum([0, *(len(names) for names, *_ in walked)], dtype=np.int64),
        conversions=columns[:, 0],
        revenue=columns[:, 1],
        losses=columns[:, 2],
        decayed=decayed or Credit(np.zeros(len(players)), np.zeros(len(players))),
    )
