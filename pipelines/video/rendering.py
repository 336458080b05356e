"""A filter graph rendered to a finished file that holds what was promised, or a clear error and no file."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.errors import StepFailed
from pipelines.video import ffmpeg
from pipelines.video.coding import MASTER, SAMPLE_RATE, Coding, Options, output_options
from pipelines.video.probe import MediaFacts, probe
from pipelines.video.process import Run

Progress = Callable[[float, str], None]  # a fraction from 0 to 1 and a few words, as `Kitchen.progress`

_SOUND_FRAME = 1024 / SAMPLE_RATE  # seconds: sound coders work in whole frames of this length


def render(
    picture: Any,
    sound: Any | None,
    target: Path,
    *,
    frames: int,
    fps: Fraction,
    run: Run,
    progress: Progress,
    coding: Coding = MASTER,
    rate: Options | None = None,
) -> MediaFacts:
    """Render ffmpeg-python streams to `target`; the facts of the finished file, read from it.

    picture: gives exactly `frames` frames at the constant rate `fps`. sound: as long as the picture, or None for a
    silent file. rate: see `coding.output_options`. One ffmpeg process (two for a coding with two passes). May run twice;
    an earlier file at `target` stays until the new one is whole, and an error or a cancel leaves none.
    Raises what `ffmpeg.encode` raises, and StepFailed for a result that has other frames or another length than promised.
    """
    options = output_options(coding, fps, sound=sound is not None, rate=rate)
    streams = [tagged(picture)] + ([sound] if sound is not None else [])
    part = target.with_name(f".{uuid.uuid4().hex}-{target.name}")
    try:
        if coding.two_pass and rate is None:
            _two_passes(streams, part, frames, coding, options, run, progress)
        else:
            _encode(streams, part, frames, options, run, progress)
        facts = checked(part, frames=frames, fps=fps, sound=sound is not None)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return facts


def tagged(picture: Any) -> Any:
    """The picture marked as BT.709, limited range; costs nothing, and keeps ffmpeg from converting what is right already."""
    return picture.filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709", range="tv")


def checked(path: Path, *, frames: int, fps: Fraction, sound: bool) -> MediaFacts:
    """The facts of a result. Raises StepFailed if it is not exactly as long as promised, its sound within one frame."""
    facts = probe(path)
    if facts.video is None or facts.video.frames != frames:
        raise StepFailed(f"The render has {facts.video.frames if facts.video else 0} frames instead of {frames}")
    seconds = float(frames / fps)
    if abs(facts.video.seconds - seconds) > 0.5 / float(fps):
        raise StepFailed(f"The render's picture lasts {facts.video.seconds:.3f} s instead of {seconds:.3f} s")
    if sound and (facts.audio is None or abs(facts.audio.seconds - seconds) > max(1 / float(fps), _SOUND_FRAME)):
        heard = facts.audio.seconds if facts.audio else 0.0
        raise StepFailed(f"The render's sound lasts {heard:.3f} s, its picture {seconds:.3f} s")
    return facts


def _encode(streams: list[Any], part: Path, frames: int, options: Options, run: Run, progress: Progress) -> None:
    import ffmpeg as graph

    def build(path: Path) -> Any:
        return graph.output(*streams, str(path.absolute()), **options)

    ffmpeg.encode(build, part, frames, run, lambda done: progress(done, f"frame {round(done * frames)} of {frames}"))


def _two_passes(streams: list[Any], part: Path, frames: int, coding: Coding, options: Options, run: Run, progress: Progress) -> None:
    """Pass one reads the picture alone and writes notes beside the target; they are removed in any case."""
    import ffmpeg as graph

    notes = part.with_name(f"{part.name}-pass")
    silent = {name: value for name, value in options.items() if not name.endswith(":a") and name not in ("ar", "ac", "movflags")}
    first = graph.output(streams[0], "-", **{**silent, **_pass(coding, options, 1, notes), "f": "null"})
    try:
        ffmpeg.watch(first, frames, run, lambda done: progress(done / 2, f"pass 1: frame {round(done * frames)} of {frames}"))
        second = {**options, **_pass(coding, options, 2, notes)}
        _encode(streams, part, frames, second, run, lambda done, words: progress(0.5 + done / 2, f"pass 2: {words}"))
    finally:
        for left in notes.parent.glob(f"{notes.name}*"):
            left.unlink(missing_ok=True)


def _pass(coding: Coding, options: Options, number: int, notes: Path) -> Options:
    if coding.codec == "h265":  # libx265 takes its passes among its own parameters
        return {"x265-params": f"{options['x265-params']}:pass={number}:stats={str(notes).replace(':', chr(92) + ':')}"}
    return {"pass": number, "passlogfile": str(notes)}
