"""Plans side by side: what each would bring, and by how much they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.mmm.market import Array
from pipelines.mmm.planning import Planner
from pipelines.mmm.summary import summary


def compared(planner: Planner, plans: Mapping[str, Array]) -> list[dict[str, Any]]:
    """plans: spend [H, C] by name. The first is what the others are compared with, draw by draw."""
    told: list[dict[str, Any]] = []
    first: Array | None = None
    for name, spend in plans.items():
        whole_plan = np.ones(len(planner.channels))
        by_channel = np.concatenate([part.response(spend).outcome(whole_plan) for part in planner.parts(len(spend))])
        whole, spent = by_channel.sum(axis=1), float(spend.sum())
        first = whole if first is None else first
        told.append(
            {
                "name": name,
                "spend": spent,
                "outcome": summary(whole),
                "roas": summary(whole / spent) if spent > 0 else None,
                "channels": [
                    {"name": channel, "spend": float(spend[:, n].sum()), "outcome": summary(by_channel[:, n])}
                    for n, channel in enumerate(planner.channels)
                ],
                "difference": {**summary(whole - first), "probability": float((whole > first).mean())} if told else None,
                "beyond_seen": [
                    channel for n, channel in enumerate(planner.channels) if spend[:, n].max() > planner.highest[n] * (1 + 1e-6)
                ],
            }
        )
    return told
