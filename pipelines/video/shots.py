"""When each shot is seen, in whole frames."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from core.errors import InvalidInput

FPS = 30
SAMPLE_RATE = 48_000
_FADE = 12  # frames of a crossfade
_LONGEST = 600  # seconds


@dataclass(frozen=True)
class Shot:
    start: int  # the frame at which it begins to come in
    frames: int  # how long it is rendered, the crossfade to the next one included


@dataclass(frozen=True)
class ShotList:
    """Shots follow each other without gap; the crossfade into a shot takes the shot's first `fade` frames.

    So the times of the cuts, and the total, are just the sums of the shots' lengths.
    """

    shots: tuple[Shot, ...]
    fade: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / FPS

    @property
    def samples(self) -> int:
        return self.frames * SAMPLE_RATE // FPS


def shot_list(seconds: list[float]) -> ShotList:
    """Lays shots of these lengths end to end. Rounds the cuts, not the lengths, so that no error adds up.

    Raises InvalidInput for a length that is not a positive number, or a total above ten minutes.
    """
    for index, length in enumerate(seconds):
        if not (math.isfinite(length) and length >= 1 / FPS):
            raise InvalidInput(f"Scene {index + 1} lasts {length} s", hint="Give every scene a length above zero.")
    if sum(seconds) > _LONGEST:
        raise InvalidInput(f"The advert lasts {sum(seconds):.0f} s", hint=f"Keep it to {_LONGEST} s.")
    cuts = [round(sum(seconds[:index]) * FPS) for index in range(len(seconds) + 1)]
    lengths = [end - start for start, end in pairwise(cuts)]
    fade = max(1, min(_FADE, min(lengths) // 2))
    last = len(lengths) - 1
    shots = tuple(Shot(cuts[index], length + (fade if index < last else 0)) for index, length in enumerate(lengths))
    return ShotList(shots, fade, cuts[-1])
