"""Mattes of a film's frames without flicker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_CUT = 0.25  # mean change between two frames that is another scene
_MOVED = 0.35  # change of a pixel that is movement, not flicker
_KEPT = 0.55  # of the frame before, where nothing moves


class Steadied:
    """A running mean that lets go where something moves, and starts anew at a cut."""

    def __init__(self) -> None:
        self._before: Array | None = None

    def next(self, matte: Array) -> Array:
        """The frame's matte, steadied. Frames come in order and are of one size."""
        import numpy as np

        if self._before is not None:
            change = np.abs(matte - self._before)
            if float(change.mean()) < _CUT:
                kept = _KEPT * (1 - np.clip(change / _MOVED, 0, 1))
                matte = np.asarray(matte * (1 - kept) + self._before * kept, np.float32)
        self._before = matte
        return matte
