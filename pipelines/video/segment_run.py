"""Neighbouring segments made by one ffmpeg process: one graph, one encoder, cut into files at forced key frames."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import StepFailed
from pipelines.video import compositing, ffmpeg, soundtrack
from pipelines.video.coding import Coding, container_options, picture_options, sound_options
from pipelines.video.layout import Layout
from pipelines.video.packets import pictures
from pipelines.video.process import Run
from pipelines.video.rendering import Progress, tagged
from pipelines.video.segments import Segment

OnSegment = Callable[[Segment, Path], None]


def render_run(
    layout: Layout, run_of: list[Segment], coding: Coding, folder: Path, *, run: Run, progress: Progress, on_segment: OnSegment
) -> None:
    """Make neighbouring segments; each is handed over as soon as it is whole, in order.

    folder: for files of the graph and of the segments; what is handed over lies in it and is the receiver's. May run
    twice. Raises what `ffmpeg.execute` raises, and StepFailed for a segment that does not hold its frames.
    """
    first, last = run_of[0].first, run_of[-1].last
    inside = [segment.first - first for segment in run_of[1:]]
    stem = folder / f"run-{uuid.uuid4().hex}"
    done = _Finished(run_of, stem, coding, layout, on_segment)
    picture = tagged(compositing.picture(layout, first, last, folder, alpha=coding.keeps_alpha))

    def told(fraction: float) -> None:
        progress(fraction, f"frame {round(fraction * (last - first))} of {last - first}")
        done.look()

    ffmpeg.watch(_output(picture, inside, stem, coding, layout), last - first, run, told)
    done.look(ended=True)


def _output(picture: Any, inside: list[int], stem: Path, coding: Coding, layout: Layout) -> Any:
    import ffmpeg as graph

    options = {**picture_options(coding, layout.fps), "map_metadata": -1, "map_chapters": -1}
    if not inside:
        return graph.output(picture, f"{stem}-00000.{coding.container}", **options, f=container_options(coding)["f"])
    forced = "expr:" + "+".join(f"eq(n,{frame})" for frame in inside)
    muxer = {"f": "segment", "segment_format": container_options(coding)["f"], "segment_frames": ",".join(map(str, inside))}
    listed = {"segment_list": f"{stem}.txt", "segment_list_type": "flat", "reset_timestamps": 1}
    if coding.codec in ("h264", "h265"):
        options["forced-idr"] = 1
    return graph.output(picture, f"{stem}-%05d.{coding.container}", force_key_frames=forced, **options, **muxer, **listed)


class _Finished:
    """Notices the segments that ffmpeg has closed, by its list of them, and hands each over once."""

    def __init__(self, segments: list[Segment], stem: Path, coding: Coding, layout: Layout, hand_over: OnSegment) -> None:
        self._segments, self._stem, self._hand_over = segments, stem, hand_over
        self._coding, self._layout = coding, layout
        self._given = 0

    def look(self, *, ended: bool = False) -> None:
        listed = Path(f"{self._stem}.txt")
        closed = len(self._segments) if ended else (listed.read_bytes().count(b"\n") if listed.exists() else 0)
        while self._given < min(closed, len(self._segments)):
            self._give(self._segments[self._given], Path(f"{self._stem}-{self._given:05d}.{self._coding.container}"))
            self._given += 1

    def _give(self, segment: Segment, path: Path) -> None:
        found = pictures(path, self._layout.fps)
        if len(found.places) != segment.frames or not found.begins_with_key:
            raise StepFailed(f"The segment of frames {segment.first} to {segment.last} came out with {len(found.places)} frames")
        self._hand_over(segment, path)


def render_sound(layout: Layout, coding: Coding, target: Path, *, run: Run, progress: Progress) -> None:
    """The whole timeline's sound, coded, in a file of the coding's container."""
    import ffmpeg as graph

    sound = soundtrack.sound(layout)
    options = {**sound_options(coding), "f": container_options(coding)["f"], "map_metadata": -1, "map_chapters": -1}
    progress(0.0, "mixing the sound")
    ffmpeg.encode(lambda part: graph.output(sound, str(part.absolute()), **options), target, layout.frames, run, lambda _: None)
