"""Jump cuts: which frames of a film are kept, the same ones of its sound, and where everything lies afterwards."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.video.coding import SAMPLE_RATE
from pipelines.video.cues import Cue
from pipelines.video.ugc.paths import added
from pipelines.video.ugc.silences import Span
from providers.contracts.voice import SpokenWord

_BREATH = 0.12  # seconds of a silence that stay at each of its ends
_CLOSER = 0.22  # how much closer a punched-in part is seen at full strength


def shortest_silence(strength: float) -> float:
    """Seconds from which silences are cut."""
    return 0.3 / strength


@dataclass(frozen=True)
class Kept:
    """Parts of a film that stay, as first and end frame, in order. fps divides the sample rate, so sound is cut at the same places."""

    parts: tuple[tuple[int, int], ...]
    fps: int

    @property
    def frames(self) -> int:
        return sum(end - start for start, end in self.parts)

    @property
    def starts(self) -> list[int]:
        """Where each part begins in the cut film."""
        return [sum(end - start for start, end in self.parts[:index]) for index in range(len(self.parts))]

    def frame(self, number: int) -> int:
        """The number in the uncut film of a frame of the cut one."""
        place = bisect_right(self.starts, number) - 1
        return self.parts[place][0] + number - self.starts[place]

    def second(self, second: float) -> float:
        """Where a second of the uncut film lies in the cut one; one that was cut out lies at its cut."""
        passed = 0.0
        for start, end in self.parts:
            passed += min(max(second * self.fps - start, 0.0), end - start)
        return passed / self.fps

    def zooms(self, strength: float) -> list[float]:
        """How close each frame is seen: every other part closer."""
        closer = 1 + _CLOSER * strength
        return [closer if place % 2 else 1.0 for place, (start, end) in enumerate(self.parts) for _ in range(end - start)]


def kept(silences: Sequence[Span], frames: int, fps: int) -> Kept:
    """What is left of `frames` frames. A film that is silent throughout is kept whole."""
    parts, begin, whole = [], 0, frames / fps
    for start, end in silences:
        # At the film's own ends no breath is kept: there is nothing to lead over to.
        first = 0 if start <= 0.5 / fps else math.ceil((start + _BREATH) * fps)
        last = frames if end >= whole - 1.5 / fps else math.floor((end - _BREATH) * fps)
        if last > first:
            parts.append((begin, first))
            begin = last
    parts = [part for part in [*parts, (begin, frames)] if part[1] > part[0]]
    return Kept(tuple(parts) or ((0, frames),), fps)


def cut_picture(picture: Any, kept: Kept) -> Any:
    """The ffmpeg-python picture, of a constant rate, with only the kept frames, one after the other."""
    if len(kept.parts) == 1 and kept.parts[0][0] == 0:
        return picture.filter("trim", end_frame=kept.frames)
    chosen = picture.filter("select", _expression(kept))
    return chosen.filter("settb", f"1/{kept.fps}").filter("setpts", "N").filter("fps", kept.fps)


def cut_sound(sound: Any, kept: Kept) -> Any:
    """The ffmpeg-python sound, of 48 kHz, with the samples that belong to the kept frames."""
    each = SAMPLE_RATE // kept.fps
    blocks = sound.filter("asetnsamples", n=each, p=1)
    return blocks.filter("aselect", _expression(kept)).filter("asetpts", "N/SR/TB").filter("atrim", end_sample=each * kept.frames)


def cut_cues(cues: Sequence[Cue], kept: Kept) -> list[Cue]:
    """Captions moved along with what is said; words that were cut out are gone."""
    moved = []
    for cue in cues:
        times = [(word.text, kept.second(word.start), kept.second(word.end)) for word in cue.words]
        words = tuple(SpokenWord(text, start, end) for text, start, end in times if end > start or len(kept.parts) == 1)
        if words:
            moved.append(Cue(kept.second(cue.start), max(kept.second(cue.end), words[-1].end), words, cue.exact))
    return moved


def _expression(kept: Kept) -> str:
    return added([f"between(n,{start},{end - 1})" for start, end in kept.parts])
