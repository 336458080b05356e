"""Which box is which thing from frame to frame: ByteTrack's two rounds (Zhang et al. 2022) with boxes that move on steadily."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SURE = 0.5  # boxes above are matched first, and only they begin a track
_SAME_SURE, _SAME_WEAK = 0.2, 0.5  # overlap with where a track is expected, in the first and the second round
_FORGOTTEN = 2.0  # seconds without a box


@dataclass
class Track:
    number: int
    kind: int
    corners: Array
    seen: float
    speed: Array  # of each corner's coordinates, pixels a second

    def expected(self, seconds: float) -> Array:
        return self.corners + self.speed * (seconds - self.seen)

    def goes_on(self, corners: Array, seconds: float) -> None:
        passed = max(seconds - self.seen, 1e-3)
        self.speed = 0.5 * self.speed + 0.5 * (corners - self.corners) / passed
        self.corners, self.seen = corners, seconds


@dataclass
class Tracker:
    """Of one film."""

    tracks: list[Track] = field(default_factory=list)
    _given: int = 0

    def numbers(self, corners: Array, scores: Array, kinds: Array, seconds: float) -> list[int | None]:
        """Each box's track, counted from 1; None for a weak box that belongs to none. Frames come in order."""
        self.tracks = [track for track in self.tracks if seconds - track.seen <= _FORGOTTEN]
        found: list[int | None] = [None] * len(scores)
        free = list(self.tracks)
        for boxes, least in ((_where(scores >= SURE), _SAME_SURE), (_where(scores < SURE), _SAME_WEAK)):
            for box, track in _pairs(boxes, free, corners, kinds, seconds, least):
                track.goes_on(corners[box], seconds)
                found[box] = track.number
                free.remove(track)
        for box in _where(scores >= SURE):
            if found[box] is None:
                found[box] = self._begin(corners[box], int(kinds[box]), seconds)
        return found

    def _begin(self, corners: Array, kind: int, seconds: float) -> int:
        self._given += 1
        self.tracks.append(Track(self._given, kind, corners, seconds, corners * 0))
        return self._given


def _where(condition: Array) -> list[int]:
    found: list[int] = condition.nonzero()[0].tolist()
    return found


def _pairs(boxes: list[int], tracks: list[Track], corners: Array, kinds: Array, seconds: float, least: float) -> list[tuple[int, Track]]:
    """Boxes and tracks of one kind whose overlaps add up to the most, those below `least` left out."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    if not boxes or not tracks:
        return []
    same = overlaps(corners[boxes], np.array([track.expected(seconds) for track in tracks]))
    same *= kinds[boxes, None] == np.array([track.kind for track in tracks])
    return [(boxes[b], tracks[t]) for b, t in zip(*linear_sum_assignment(-same), strict=True) if same[b, t] >= least]


def overlaps(first: Array, second: Array) -> Array:
    """(n, m) intersection over union of boxes as corners."""
    import numpy as np

    near = np.maximum(first[:, None, :2], second[None, :, :2])
    far = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(far - near, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (first, second)]
    found: Array = shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9)
    return found
