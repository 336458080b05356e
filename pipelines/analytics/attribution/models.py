"""All models side by side."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.analytics.attribution.markov import markov
from pipelines.analytics.attribution.paths import Credit, Paths
from pipelines.analytics.attribution.rules import first_touch, last_touch, linear, position_based, time_decay
from pipelines.analytics.attribution.shapley import shapley
from pipelines.analytics.attribution.words import MODELS


def attribute(paths: Paths, *, order: int = 1, first_share: float = 0.4, last_share: float = 0.4) -> dict[str, Credit]:
    """Every model's credits over the same paths. order: of the Markov chain, 1 to 4."""
    compute: dict[str, Callable[[], Credit]] = {
        "first": lambda: first_touch(paths),
        "last": lambda: last_touch(paths),
        "linear": lambda: linear(paths),
        "position": lambda: position_based(paths, first_share, last_share),
        "time_decay": lambda: time_decay(paths),
        "markov": lambda: markov(paths, order),
        "shapley": lambda: shapley(paths),
    }
    return {name: compute[name]() for name in MODELS}
