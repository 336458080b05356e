"""Draws as what people read: a mean and where the figure lies with 90 % probability."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.mmm.market import Array

LOW, HIGH = 0.05, 0.95


def summary(draws: Any) -> dict[str, float]:
    """Of draws [D]."""
    low, middle, high = np.quantile(draws, [LOW, 0.5, HIGH])
    return {"mean": float(np.mean(draws)), "median": float(middle), "low": float(low), "high": float(high)}


def band(draws: Array) -> dict[str, list[float]]:
    """Of draws [D, N]: a list each of means and of both ends."""
    low, high = np.quantile(draws, [LOW, HIGH], axis=0)
    return {"mean": draws.mean(axis=0).tolist(), "low": low.tolist(), "high": high.tolist()}
