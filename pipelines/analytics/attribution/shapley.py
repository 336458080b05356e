"""Attribution by Shapley values."""

from __future__ import annotations

import numpy as np

from pipelines.analytics.attribution.paths import Credit, Figures, Paths


def shapley(paths: Paths) -> Credit:
    """Each player's Shapley value, where a coalition is worth the conversions of the paths that need nobody outside it.

    That game is a sum of unanimity games, one a path, and a unanimity game's value is one share for each member
    (Shapley, 1953): so the value is exact for any number of players, without walking through their 2^P coalitions, as
    Zhao, Mahboobi and Bagheri (2018) showed for attribution. Order and repeats do not count.
    """
    owner_player = np.unique(paths.owners * len(paths.players) + paths.steps)  # each player once a path
    owners, players = np.divmod(owner_player, max(1, len(paths.players)))
    distinct = np.bincount(owners, minlength=len(paths.starts) - 1)

    def summed(figures: Figures) -> Figures:
        return np.bincount(players, (figures / np.maximum(distinct, 1))[owners], minlength=len(paths.players)).astype(np.float64)

    return Credit(summed(paths.conversions), summed(paths.revenue))
