"""Progress told from inside long work, and told again while one part of it takes its time."""

from __future__ import annotations

import math
import time

from pipelines.recipe import Kitchen

_OFTEN_ENOUGH = 0.2  # seconds


class Teller:
    """Tells a kitchen its progress. `again` repeats what was told last, a few times a second: a cancel is noticed there."""

    def __init__(self, kitchen: Kitchen) -> None:
        self._kitchen = kitchen
        self._last = (0.0, "reading the files")
        self._told_at = -math.inf

    def __call__(self, fraction: float, words: str) -> None:
        self._last, self._told_at = (fraction, words), time.monotonic()
        self._kitchen.progress(fraction, words)

    def again(self) -> None:
        """Cheap: it may be called for every packet that is read."""
        if time.monotonic() - self._told_at > _OFTEN_ENOUGH:
            self(*self._last)
