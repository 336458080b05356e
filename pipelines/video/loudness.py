"""Loudness by EBU R128: measured over the whole first, then brought to a target by one even gain.

An even gain keeps the dynamics of the original. Only where it would lift peaks above the ceiling a limiter holds those,
and the gain is measured again with the limiter in place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipelines.video import ffmpeg
from pipelines.video.process import Run

SILENT = -69.0  # LUFS; below it there is nothing to make louder
_MOST_GAIN = 40.0  # dB
_OVERSAMPLED = 192_000  # Hz, at which a limiter sees the peaks between samples
_MARGIN = 0.3  # dB, for what a lossy coder adds
_KEYS = {"lavfi.r128.I": "integrated", "lavfi.r128.true_peak": "peak"}


@dataclass(frozen=True)
class Level:
    """integrated: LUFS. peak: of the true peak, dBTP. Both are -inf for silence."""

    integrated: float
    peak: float


@dataclass(frozen=True)
class Correction:
    """What brings a sound to its target. limited: peaks above the ceiling are held."""

    gain: float
    ceiling: float
    limited: bool
    before: Level

    def applied(self, sound: Any) -> Any:
        louder = sound.filter("volume", f"{self.gain:.3f}dB") if self.gain else sound
        if not self.limited:
            return louder
        held = louder.filter("aresample", _OVERSAMPLED).filter("alimiter", limit=10 ** (self.ceiling / 20), level=0, latency=1)
        return held.filter("aresample", 48_000)


def measured(sound: Any, run: Run, on_line: Callable[[str], None] = lambda _: None) -> Level:
    """The level of an ffmpeg-python stream, by listening to all of it."""
    found = {"integrated": -math.inf, "peak": -math.inf}

    def note(line: str) -> None:
        name, _, value = line.partition("=")
        if name in _KEYS:
            number = float(value)
            found[_KEYS[name]] = number if math.isfinite(number) else -math.inf
        on_line(line)

    listened = sound.filter("ebur128", metadata=1, framelog="quiet", peak="true").filter("ametadata", mode="print", file="-")
    ffmpeg.execute(ffmpeg.command(listened.output("-", f="null")), run, note)
    return Level(found["integrated"], _decibels(found["peak"]))


def correction(build: Callable[[], Any], target: float, ceiling: float, run: Run, on_line: Callable[[str], None]) -> Correction:
    """What `build()`, a sound, needs to come to `target` LUFS with no true peak above `ceiling` dBTP. Silence stays as it is."""
    before = measured(build(), run, on_line)
    if before.integrated <= SILENT:
        return Correction(0.0, ceiling, False, before)
    wanted = min(_MOST_GAIN, target - before.integrated)
    found = Correction(wanted, ceiling - _MARGIN, before.peak + wanted > ceiling, before)
    if not found.limited:
        return found
    short = target - measured(found.applied(build()), run, on_line).integrated
    return Correction(min(_MOST_GAIN, wanted + max(0.0, short)), ceiling - _MARGIN, True, before)


def _decibels(peak: float) -> float:
    """ebur128 notes true peaks as plain numbers in its metadata, 1 being full scale."""
    return 20 * math.log10(peak) if peak > 0 else -math.inf
