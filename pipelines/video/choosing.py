"""Choosing frames that represent a film: good ones, with people in them, and unlike each other."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipelines.video.looks import Look
from pipelines.video.people import Face
from pipelines.video.reel import Reel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GRID = 16
_SHADES = 6  # of red, of green, of blue
_SAME = 3.0  # levels of 255 between imprints below which two frames are the same picture
_UNLIKE = 40.0  # ... and above which nothing is gained by being more different
_LIKENESS_COSTS = 0.5  # of the score, for a frame just like one already chosen
_FACE_COUNTS = 0.3
_LARGE_FACE = 0.10  # of the picture's area: more is not better
_EDGE = 0.01  # a face nearer than this to the picture's edge is cut off
_LONG = 900.0  # seconds from which only frames are tried that can be decoded by themselves


@dataclass(frozen=True)
class Imprint:
    """A picture in little, for comparing: where what lies (16 x 16 pixels), and which colours it has (shares, whatever their place)."""

    cells: NDArray[Any]
    colours: NDArray[Any]


@dataclass(frozen=True)
class Candidate:
    """A frame and all that is known about it. faces: None if they were not looked for."""

    number: int
    seconds: float
    look: Look
    imprint: Imprint
    faces: tuple[Face, ...] | None = None

    def with_faces(self, faces: tuple[Face, ...]) -> Candidate:
        return replace(self, faces=faces)

    @property
    def face_score(self) -> float:
        """How well people are seen: the largest face's size, less if it is cut off."""
        if not self.faces:
            return 0.0
        face = self.faces[0]
        whole = min(face.left, face.top, 1 - face.right, 1 - face.bottom) > _EDGE
        return min(1.0, math.sqrt(face.area / _LARGE_FACE)) * (1.0 if whole else 0.4)

    @property
    def score(self) -> float:
        """0..1; 0 for a frame that is not worth showing."""
        if self.look.fault or self.faces is None:
            return self.look.score
        return (1 - _FACE_COUNTS) * self.look.score + _FACE_COUNTS * self.face_score

    def facts(self) -> dict[str, Any]:
        """Why it was chosen, in figures and in words."""
        figures = {"sharpness": self.look.sharpness, "exposure": self.look.exposure, "colour": self.look.colour}
        seen = {} if self.faces is None else {"faces": len(self.faces), "face": round(self.face_score, 3)}
        return {
            "frame": self.number,
            "second": round(self.seconds, 6),
            "score": round(self.score, 3),
            "scores": {**figures, **seen},
            "why": self._why(),
        }

    def _why(self) -> str:
        if self.look.fault:
            return f"the film has nothing better: {self.look.fault}"
        said = ["sharp" if self.look.sharpness > 0.6 else "fairly sharp" if self.look.sharpness > 0.3 else "soft"]
        said.append("well exposed" if self.look.exposure > 0.6 else "usable light" if self.look.exposure > 0.25 else "poor light")
        if self.look.colour > 0.5:
            said.append("colourful")
        if self.faces:
            said.append("one face" if len(self.faces) == 1 else f"{len(self.faces)} faces")
        return ", ".join(said)


def tries(film: Reel, most: int) -> list[int]:
    """Frames spread over the film; in a long film key frames, which need no others decoded."""
    total = len(film.times)
    if film.seconds > _LONG and len(film.keys) >= most // 4:
        keys = film.keys
        return sorted({keys[int((index + 0.5) * len(keys) / most)] for index in range(most)})
    return sorted({int((index + 0.5) * total / most) for index in range(most)})


def imprint(picture: NDArray[Any]) -> Imprint:
    """Of a picture (height x width x 3, RGB of 8 bits)."""
    import cv2

    cells = cv2.resize(picture, (_GRID, _GRID), interpolation=cv2.INTER_AREA).astype("float32")
    counts = cv2.calcHist([picture], [0, 1, 2], None, [_SHADES] * 3, [0, 256] * 3)
    return Imprint(cells, counts.ravel() / counts.sum())


def choose(candidates: list[Candidate], count: int, seconds: float) -> list[Candidate]:
    """At most `count`, the best first; each as good as can be while unlike those before it, none nearly the same.

    Frames with a fault are taken only if there is no other at all.
    """
    left = [c for c in candidates if not c.look.fault] or sorted(candidates, key=lambda c: -float(c.imprint.cells.std()))[:1]
    chosen: list[Candidate] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda c: (c.score - _LIKENESS_COSTS * _likeness(c, chosen, seconds), -c.number))
        chosen.append(best)
        left = [c for c in left if _apart(c, best) >= _SAME]
    return chosen


def faults(candidates: list[Candidate]) -> dict[str, int]:
    """How many frames were refused, by reason."""
    return dict(Counter(c.look.fault for c in candidates if c.look.fault))


def notes(chosen: list[Candidate], wanted: int) -> list[str]:
    found = []
    if len(chosen) < wanted:
        found.append(f"Only {len(chosen)} of {wanted}: the film's other frames are nearly the same, or black, blank or blurred.")
    if chosen and chosen[0].look.fault:
        found.append(f"Every frame of the film is black, blank or blurred; the one with most in it is {chosen[0].look.fault}.")
    return found


def _likeness(candidate: Candidate, chosen: list[Candidate], seconds: float) -> float:
    """1 for a frame that looks just like a chosen one, or lies right beside it."""
    pictures = [_alike(candidate, other) for other in chosen]
    moments = [1 - min(1.0, abs(candidate.seconds - other.seconds) / (seconds / 8)) for other in chosen] if seconds else []
    return max(pictures, default=0.0) * 0.8 + max(moments, default=0.0) * 0.2


def _apart(one: Candidate, other: Candidate) -> float:
    """Levels of 255 between what lies at the same places."""
    return float(abs(one.imprint.cells - other.imprint.cells).mean())


def _alike(one: Candidate, other: Candidate) -> float:
    """1 for the same picture; a moved camera changes little, as the colours stay."""
    shared = 1 - float(abs(one.imprint.colours - other.imprint.colours).sum()) / 2
    return 0.7 * shared + 0.3 * (1 - min(1.0, _apart(one, other) / _UNLIKE))
