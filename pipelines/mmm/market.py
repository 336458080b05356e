"""A market's history as arrays: what was spent where and when, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Market:
    """G geos, T periods of `period_days` (1 or 7), C channels. Money in `currency`.

    dates: the first day of each period. spend: [G, T, C]. outcome: [G, T]. controls: [G, T] by name.
    outcome_name: what is counted, such as revenue.
    """

    dates: tuple[date, ...]
    channels: tuple[str, ...]
    spend: Array
    outcome: Array
    geos: tuple[str, ...] = ("all",)
    controls: Mapping[str, Array] = field(default_factory=dict)
    period_days: int = 7
    currency: str = "USD"
    outcome_name: str = "revenue"

    @property
    def periods(self) -> int:
        return len(self.dates)

    @property
    def period_word(self) -> str:
        return "week" if self.period_days == 7 else "day"

    def rows_between(self, start: date, end: date) -> list[int]:
        """Indices of the periods that hold a day from start to end."""
        length = timedelta(days=self.period_days)
        return [n for n, first in enumerate(self.dates) if first <= end and first + length > start]

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` reads it back exactly."""
        return {
            "dates": [day.isoformat() for day in self.dates],
            "channels": list(self.channels),
            "geos": list(self.geos),
            "spend": self.spend.tolist(),
            "outcome": self.outcome.tolist(),
            "controls": {name: values.tolist() for name, values in self.controls.items()},
            "period_days": self.period_days,
            "currency": self.currency,
            "outcome_name": self.outcome_name,
        }


def from_dict(stored: Mapping[str, Any]) -> Market:
    """A market as `Market.as_dict` wrote it."""
    return Market(
        dates=tuple(date.fromisoformat(day) for day in stored["dates"]),
        channels=tuple(stored["channels"]),
        geos=tuple(stored["geos"]),
        spend=np.asarray(stored["spend"], dtype=float),
        outcome=np.asarray(stored["outcome"], dtype=float),
        controls={name: np.asarray(values, dtype=float) for name, values in stored["controls"].items()},
        period_days=stored["period_days"],
        currency=stored["currency"],
        outcome_name=stored["outcome_name"],
    )
