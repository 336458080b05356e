"""The cheapest quality that still looks as good as asked: VMAF measured on samples of the picture itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipelines.video import ffmpeg
from pipelines.video.codecs import CodecName
from pipelines.video.coding import Coding, picture_options
from pipelines.video.process import Run
from pipelines.video.rendering import tagged

SAMPLES, SAMPLE_SECONDS = 4, 2.0
LEAST_SIDE = 32  # pixels: below it libvmaf crashes
_RANGE: dict[CodecName, tuple[int, int]] = {"h264": (8, 42), "h265": (8, 44), "vp9": (10, 56), "av1": (10, 58)}
_EVERY = 2  # frames of which one is measured


@dataclass(frozen=True)
class Found:
    """crf: the largest whose samples reach the floor, or the least of all. vmaf: of the samples at that crf."""

    crf: int
    vmaf: float
    reached: bool
    tried: tuple[tuple[int, float], ...]


def sample_spans(frames: int, fps: Fraction) -> list[tuple[int, int]]:
    """First frame and length of parts spread evenly over the film; all of it where it is short."""
    length = round(SAMPLE_SECONDS * fps)
    if frames <= SAMPLES * length:
        return [(0, frames)]
    gap = (frames - length) / (SAMPLES - 1)
    return [(round(index * gap), length) for index in range(SAMPLES)]


def search(
    build: Callable[[int, int, int], Any],
    frames: int,
    fps: Fraction,
    coding: Coding,
    floor: float,
    folder: Path,
    run: Run,
    told: Callable[[str], None],
) -> Found:
    """Halves the range of crf until one step is left. build(first, frames, take): that part of the picture, as it will be coded.

    folder: for the samples; they are removed.
    """
    reference = folder / "vmaf-reference.mkv"
    spans = sample_spans(frames, fps)
    tried: dict[int, float] = {}
    try:
        _write_reference([build(first, length, take) for take, (first, length) in enumerate(spans)], fps, reference, run)
        low, high = _RANGE[coding.codec]
        while low < high:
            middle = (low + high + 1) // 2
            tried[middle] = _score(reference, coding, middle, fps, folder, run)
            told(f"VMAF {tried[middle]:.1f} at crf {middle}")
            low, high = (middle, high) if tried[middle] >= floor else (low, middle - 1)
        if low not in tried:
            tried[low] = _score(reference, coding, low, fps, folder, run)
    finally:
        reference.unlink(missing_ok=True)
    return Found(low, round(tried[low], 2), tried[low] >= floor, tuple(sorted(tried.items())))


def _write_reference(parts: list[Any], fps: Fraction, target: Path, run: Run) -> None:
    import ffmpeg as graph

    joined = parts[0] if len(parts) == 1 else graph.filter(parts, "concat", n=len(parts), v=1, a=0).filter("fps", str(fps))
    lossless = {"c:v": "libx264", "qp": 0, "preset": "ultrafast", "pix_fmt": "yuv420p", "r": str(fps), "fps_mode": "cfr"}
    ffmpeg.execute(ffmpeg.command(tagged(joined).output(str(target), **lossless)), run, lambda _: None)


def _score(reference: Path, coding: Coding, crf: int, fps: Fraction, folder: Path, run: Run) -> float:
    """The harmonic mean over the samples' frames, which punishes the bad ones."""
    import ffmpeg as graph

    coded, log = folder / "vmaf-coded.mkv", folder / "vmaf.json"
    trial = coding.model_copy(update={"crf": float(crf), "bitrate": None, "two_pass": False, "container": "mkv"})
    try:
        shown = graph.input(str(reference))
        ffmpeg.execute(ffmpeg.command(shown.output(str(coded), **{**picture_options(trial, fps), "f": "matroska"})), run, lambda _: None)
        compared = graph.filter(
            [graph.input(str(coded)).filter("format", "yuv420p"), graph.input(str(reference))],
            "libvmaf",
            log_fmt="json",
            log_path=str(log),
            n_subsample=_EVERY,
            n_threads=2,
        )
        ffmpeg.execute(ffmpeg.command(compared.output("-", f="null")), run, lambda _: None)
        return float(json.loads(log.read_text())["pooled_metrics"]["vmaf"]["harmonic_mean"])
    finally:
        coded.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
