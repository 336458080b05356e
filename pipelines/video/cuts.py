"""Where a film changes from one scene to another: hard cuts, and returns from black.

A cut is a frame that differs from the one before it by much more than the frames around it differ from each other, so
fast movement is none; and that what follows keeps differing from what was, so a flash or a torn frame is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.video.reel import Frame, Reel

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = 12.0  # levels of 255, mean over luma and chroma
_SIZE = (32, 18)
_AROUND = 5  # frames to each side that say how much the film moves anyway
_ABOVE_AROUND = 3.0
_LASTING = 3  # frames after which a cut must still be seen
_BLACK = 24.0  # mean luma, as coded, below which a frame is black
_BLACK_FRAMES = 3


@dataclass(frozen=True)
class Cut:
    """The first frame of a scene. change: how far it is from the frame before, in levels of 255."""

    number: int
    seconds: float
    change: float


@dataclass(frozen=True)
class _Differences:
    steps: list[float]  # each frame from the one before it
    lasting: list[float]  # the frame _LASTING - 1 later from the one before it
    black: list[bool]


def scene_changes(
    film: Reel, threshold: float = THRESHOLD, shortest: float = 0.5, seen: Callable[[Frame], None] = lambda _: None
) -> list[Cut]:
    """The cuts in order, none within `shortest` seconds of the one before. Looks at every frame once, and hands it to `seen`."""
    found = _measure(film, seen)
    starts = [n for n in range(1, len(found.steps)) if _is_cut(found, n, threshold) or _is_back_from_black(found.black, n)]
    cuts: list[Cut] = []
    for number in starts:
        seconds = film.times[min(number, len(film.times) - 1)]
        if seconds - (cuts[-1].seconds if cuts else 0.0) >= shortest:
            cuts.append(Cut(number, seconds, round(found.steps[number], 2)))
    return cuts


def _measure(film: Reel, seen: Callable[[Frame], None]) -> _Differences:
    steps, lasting, black = [0.0], [], []
    recent: deque[NDArray[Any]] = deque(maxlen=_LASTING + 1)
    for frame in film.walk():
        recent.append(frame.miniature(*_SIZE).astype("int16"))
        black.append(bool(recent[-1][..., 0].mean() < _BLACK))
        if len(recent) > 1:
            steps.append(_difference(recent[-1], recent[-2]))
        if len(recent) == _LASTING + 1:
            lasting.append(_difference(recent[-1], recent[0]))
        seen(frame)
    # lasting[n] belongs to the cut after its first frame; at the end of the film the step itself must do.
    return _Differences(steps, [0.0, *lasting, *steps[len(lasting) + 1 :]], black)


def _difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(abs(one - other).mean())


def _is_cut(found: _Differences, number: int, threshold: float) -> bool:
    step = found.steps[number]
    if step < threshold or found.lasting[number] < threshold:
        return False
    around = [*found.steps[max(1, number - _AROUND) : number], *found.steps[number + 1 : number + 1 + _AROUND]]
    return step >= _ABOVE_AROUND * (sum(around) / len(around) if around else 0.0)


def _is_back_from_black(black: list[bool], number: int) -> bool:
    return not black[number] and number >= _BLACK_FRAMES and all(black[number - _BLACK_FRAMES : number])
