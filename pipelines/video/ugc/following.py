"""A crop that follows faces as a calm camera operator would: late, smoothly, and with a jump where the film itself jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipelines.video.cuts import scene_changes
from pipelines.video.people import LONGEST, Face, FaceFinder
from pipelines.video.reel import Frame, Reel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOOKS = 5  # times a second
_CALM = 0.35  # seconds: the spread of the bell curve that smooths the path
_STAY = 0.35  # how much nearness to the face followed so far counts against size

Point = tuple[float, float]


@dataclass(frozen=True)
class Seen:
    """The face that is followed: its centre at the looks where it was found, as shares of the picture, and the film's scenes."""

    looks: tuple[tuple[int, Point], ...]  # frame numbers of the film
    scenes: tuple[int, ...]  # first frames
    share: float  # of all looks, those that found a face


def look(film: Reel, finder: FaceFinder, watch: Callable[[Frame], None]) -> Seen:
    """Goes through the film once. watch: handed every frame."""
    due, tried = 0.0, 0
    found: list[tuple[int, list[Face]]] = []

    def seen(frame: Frame) -> None:
        nonlocal due, tried
        watch(frame)
        if frame.seconds >= due:
            due, tried = frame.seconds + 1 / _LOOKS, tried + 1
            faces = finder.find(frame.pixels(LONGEST))
            if faces:
                found.append((frame.number, faces))

    cuts = scene_changes(film, seen=seen)
    scenes = (0, *(cut.number for cut in cuts))
    return Seen(tuple(_track(found, scenes)), scenes, len(found) / max(1, tried))


def centres(seen: Seen, film: Reel, frames: int, fps: int) -> list[Point]:
    """Where the crop's centre should be at each frame of a film of constant rate; the middle where no face is in the scene."""
    import numpy as np

    path = np.full((frames, 2), 0.5)
    borders = [round(film.times[min(number, len(film.times) - 1)] * fps) for number in seen.scenes] + [frames]
    looks = [(film.times[min(number, len(film.times) - 1)] * fps, point) for number, point in seen.looks]
    for start, end in pairwise(borders):
        inside = [(at, point) for at, point in looks if start - 0.5 <= at < end]
        if inside and end > start:
            places, points = np.array([at for at, _ in inside]), np.array([point for _, point in inside])
            for axis in (0, 1):
                path[start:end, axis] = _smooth(np.interp(np.arange(start, end), places, points[:, axis]), _CALM * fps)
    return [(float(x), float(y)) for x, y in path]


def _track(found: list[tuple[int, list[Face]]], scenes: tuple[int, ...]) -> list[tuple[int, Point]]:
    """One face a look: a large one, and rather the one that was followed before."""
    track: list[tuple[int, Point]] = []
    for number, faces in found:
        new_scene = not track or any(track[-1][0] < scene <= number for scene in scenes)
        before = None if new_scene else track[-1][1]
        track.append((number, max(faces, key=lambda face: _worth(face, before)).centre))
    return track


def _worth(face: Face, before: Point | None) -> float:
    size = float(face.area**0.5)
    if before is None:
        return size
    return size - _STAY * (abs(face.centre[0] - before[0]) + abs(face.centre[1] - before[1]))


def _smooth(values: NDArray[Any], spread: float) -> NDArray[Any]:
    """By a bell curve; at the ends the path is held, so that nothing drifts to the middle."""
    import numpy as np

    reach = max(1, round(3 * spread))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), bell / bell.sum(), mode="valid")
