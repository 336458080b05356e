"""One measured line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """ours and peer are measured in one run on one machine, in `unit`."""

    name: str
    ours: float
    peer: float
    unit: str

    @property
    def ratio(self) -> float:
        """ours ÷ peer."""
        return self.ours / self.peer
