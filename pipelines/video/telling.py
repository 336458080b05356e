"""Progress told from inside long work, and told again while one part of it takes its time."""

from __future__ import annotations

from pipelines.recipe import Kitchen


class Teller:
    """Tells a kitchen its progress. `again` repeats what was told last: it changes nothing, but a cancel is noticed there."""

    def __init__(self, kitchen: Kitchen) -> None:
        self._kitchen = kitchen
        self._last = (0.0, "reading the file")

    def __call__(self, fraction: float, words: str) -> None:
        self._last = (fraction, words)
        self._kitchen.progress(fraction, words)

    def again(self) -> None:
        self._kitchen.progress(*self._last)
