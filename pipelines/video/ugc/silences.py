"""Where nobody speaks, measured on the sound itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pipelines.video.ffmpeg import MEDIA_FORMATS
from pipelines.video.footage import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = 0.01  # seconds
_RATE = 16_000
_QUIETEST, _LOUDEST = -65.0, -28.0  # dBFS between which the border between silence and speech may lie
_BORDER = 0.35  # of the way, in dB, from the quietest tenth to the loudest
_NO_DIFFERENCE = 9.0  # dB: a recording whose loud and quiet parts are nearer has no silences
_CLICK = 0.08  # seconds: a sound shorter than this does not end a silence

Span = tuple[float, float]  # seconds


def silences(source: Source, shortest: float, threshold: float | None, watch: Callable[[float], None]) -> list[Span]:
    """Stretches of at least `shortest` seconds without a sound above `threshold` dBFS, which is found from the recording if None.

    watch: told the second that is being read, several times a second.
    """
    levels = _levels(source, watch)
    border = _border(levels) if threshold is None else threshold
    if border is None:
        return []
    found: list[Span] = []
    for quiet, run in groupby(enumerate(levels < border), key=lambda pair: bool(pair[1])):
        places = [place for place, _ in run]
        if quiet:
            start, end = places[0] * WINDOW, (places[-1] + 1) * WINDOW
            joins = found and start - found[-1][1] < _CLICK
            found[-1:] = [(found[-1][0], end)] if joins else [*found[-1:], (start, end)]
    return [span for span in found if span[1] - span[0] >= shortest]


def _levels(source: Source, watch: Callable[[float], None]) -> NDArray[Any]:
    """dBFS of each window of 10 ms."""
    import av
    import numpy as np

    assert source.sound
    parts: list[NDArray[Any]] = []
    with av.open(str(source.path), options={"format_whitelist": MEDIA_FORMATS}) as container:
        stream = next(stream for stream in container.streams.audio if stream.index == source.sound.stream)
        late = 0.0
        resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
        for number, frame in enumerate(container.decode(stream)):
            if number == 0:
                late = (frame.time or 0.0) - (container.start_time or 0) / av.time_base
            parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
            watch(frame.time or 0.0)
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    samples = np.concatenate([np.zeros(max(0, round(late * _RATE)), np.float32), *parts])
    size = round(_RATE * WINDOW)
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    power = (windows.astype(np.float64) ** 2).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))


def _border(levels: NDArray[Any]) -> float | None:
    import numpy as np

    if not len(levels):
        return None
    quiet, loud = (float(value) for value in np.percentile(np.maximum(levels, _QUIETEST), (10, 95)))
    if not math.isfinite(loud) or loud - quiet < _NO_DIFFERENCE:
        return None
    return min(_LOUDEST, max(_QUIETEST + 3, quiet + _BORDER * (loud - quiet)))
