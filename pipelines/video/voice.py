"""The voice-over's place in the mix: how loud it is, and the filters that bring it to the target."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video import ffmpeg
from pipelines.video.probe import probe
from pipelines.video.process import Run
from pipelines.video.shots import SAMPLE_RATE, ShotList

TARGET = -16.0  # LUFS, what players of short videos expect
_SILENT = -60.0  # LUFS; below it there is nothing to make louder
_MOST_GAIN = 30.0  # dB
_CEILING = 0.84  # -1.5 dBFS, room for what a lossy coder adds
_SLACK = 0.1  # seconds of a voice's end that may be lost: compressed formats pad with silence
_INTEGRATED = "lavfi.r128.I="


def check(path: Path, plan: ShotList) -> None:
    """Raises MediaUnreadable for a file without sound, InvalidInput for one longer than the timeline."""
    sound = probe(path).audio
    if sound is None:
        raise MediaUnreadable(f"{path.name} holds no sound")
    if sound.seconds > plan.seconds + _SLACK:
        raise InvalidInput(
            f"The voice lasts {sound.seconds:.1f} s, the advert {plan.seconds:.1f} s", hint="Make the scenes longer or the text shorter."
        )


def gain(path: Path, run: Run) -> float:
    """The dB that bring the voice to the target loudness; 0 for silence.

    Measured over the whole recording first (EBU R128) and then applied evenly, which keeps the speaker's own
    dynamics; loudnorm in one pass would have to guess, and pumps in short recordings.
    """
    levels: list[float] = []
    sound = _stereo(_input(path)).filter("ebur128", metadata=1, framelog="quiet")
    output = sound.filter("ametadata", mode="print", key="lavfi.r128.I", file="-").output("-", f="null")
    ffmpeg.execute(ffmpeg.command(output), run, lambda line: _note(line, levels))
    loudness = levels[-1] if levels else -math.inf
    return min(_MOST_GAIN, TARGET - loudness) if loudness > _SILENT else 0.0


def track(path: Path | None, decibels: float, plan: ShotList) -> Any:
    """Stereo sound of exactly the timeline's length: the voice from the first frame on, then silence."""
    import ffmpeg as graph

    if path is None:
        return graph.input(f"anullsrc=r={SAMPLE_RATE}:cl=stereo", f="lavfi").filter("atrim", end_sample=plan.samples)
    loud = _stereo(_input(path)).filter("volume", f"{decibels:.2f}dB")
    held = loud.filter("alimiter", limit=_CEILING, level=0, latency=1)
    return held.filter("apad").filter("atrim", end_sample=plan.samples)


def _input(path: Path) -> Any:
    import ffmpeg as graph

    return graph.input(str(path.absolute()), format_whitelist=ffmpeg.MEDIA_FORMATS).audio


def _stereo(sound: Any) -> Any:
    return sound.filter("aresample", SAMPLE_RATE).filter("aformat", channel_layouts="stereo")


def _note(line: str, levels: list[float]) -> None:
    if line.startswith(_INTEGRATED):
        value = float(line.removeprefix(_INTEGRATED))
        levels.append(value if math.isfinite(value) else -math.inf)
