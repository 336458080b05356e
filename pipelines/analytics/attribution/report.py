"""What a run tells: every model's credits, the totals they sum to, and the paths that people walked."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.analytics.attribution.models import attribute
from pipelines.analytics.attribution.paths import Paths

TOP_PATHS = 50
LONGEST = 10  # path lengths that are told one by one; longer ones are one row


def report(paths: Paths, order: int, first_share: float, last_share: float) -> dict[str, Any]:
    """JSON. Each model's figures, plus `unassigned`, sum to all conversions and revenue of the window.

    Shapley values are exact for any number of players (`shapley.py`), so their error is nothing.
    """
    given = attribute(paths, order=order, first_share=first_share, last_share=last_share)
    return {
        "players": list(paths.players),
        "models": {name: {"conversions": one.conversions.tolist(), "revenue": one.revenue.tolist()} for name, one in given.items()},
        "shapley": {"exact": True, "standard_error": 0.0},
        "totals": {
            "conversions": float(paths.conversions.sum()),
            "revenue": float(paths.revenue.sum()),
            "lost_journeys": float(paths.losses.sum()),
            "distinct_paths": len(paths.conversions),
            "shortened_paths": paths.shortened,
        },
        "unassigned": {"conversions": paths.unassigned[0], "revenue": paths.unassigned[1]},
        "paths": _top(paths),
        "lengths": _lengths(paths),
    }


def _top(paths: Paths) -> list[dict[str, Any]]:
    """The paths with the most conversions, then revenue. rate: of the people who walked it."""
    order = np.lexsort((-paths.revenue, -paths.conversions))[:TOP_PATHS]
    return [
        {
            "path": _shown(paths.path(int(n))),
            "conversions": float(paths.conversions[n]),
            "revenue": float(paths.revenue[n]),
            "losses": float(paths.losses[n]),
            "rate": float(paths.conversions[n] / (paths.conversions[n] + paths.losses[n])),
        }
        for n in order
        if paths.conversions[n] > 0
    ]


def _shown(path: tuple[str, ...]) -> list[str]:
    """Long ones with their middle left out."""
    return list(path) if len(path) <= 20 else [*path[:10], "…", *path[-9:]]


def _lengths(paths: Paths) -> list[dict[str, Any]]:
    """Conversions, revenue and losses by the number of touchpoints."""
    length = np.minimum(paths.lengths, LONGEST + 1)
    columns = {"conversions": paths.conversions, "revenue": paths.revenue, "losses": paths.losses}
    sums = {name: np.bincount(length, figures, minlength=LONGEST + 2) for name, figures in columns.items()}
    return [
        {"touchpoints": n if n <= LONGEST else f"more than {LONGEST}", **{name: float(sums[name][n]) for name in sums}}
        for n in range(1, LONGEST + 2)
    ]
