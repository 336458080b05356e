"""Which periods a first fit does not see."""

from __future__ import annotations

import numpy as np

from pipelines.mmm.market import Array
from pipelines.mmm.specification import Holdout

SEED = 7
FEWEST = 4


def seen_periods(periods: int, holdout: Holdout) -> Array:
    """[T] of 1 where the outcome is seen and 0 where it is held out."""
    seen = np.ones(periods)
    if holdout.kind == "none":
        return seen
    count = min(holdout.periods or max(FEWEST, periods // 10), periods // 3)
    if holdout.kind == "last":
        seen[-count:] = 0.0
    else:
        seen[np.random.default_rng(SEED).choice(periods, count, replace=False)] = 0.0
    return seen
