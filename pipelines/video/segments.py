"""A render as a list of segments: where it may be cut, what each cut-out is known by, which of them are made together.

A segment is a run of frames coded by itself, its first frame a key frame that nothing later reaches behind, so segments
join without being coded again. Its name is a hash of all that its pixels depend on, places in the timeline left out:
what is moved or left alone in a re-edit keeps its name, and is not coded twice.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.video import compositing, ffmpeg, soundtrack
from pipelines.video.coding import Coding, container_options, picture_options, sound_options
from pipelines.video.layout import Laid, Layout
from pipelines.video.rendering import tagged
from pipelines.video.timeline import MediaClip

SECONDS = 4  # of a long segment: two key frame intervals, so that cutting costs no bits
RUN_SECONDS = 20  # of segments that one process makes: long enough that starting and seeking are lost in it
MOST_IN_RUN = 40
_TAKE = re.compile(r"(?:/\.)+(?=/)|:d=10\d{5}(?!\d)|:nb_samples=\d+")  # numbers that only keep equal inputs of a graph apart
_FORMAT = 1  # raised when segments made by an earlier version no longer join with new ones


@dataclass(frozen=True)
class Segment:
    """Frames `first` to `last` (not included) of the timeline, and the name of what they show."""

    first: int
    last: int
    hash: str

    @property
    def frames(self) -> int:
        return self.last - self.first


def segments(layout: Layout, coding: Coding, names: Mapping[Path, str], folder: Path) -> list[Segment]:
    """The whole timeline in segments. names: the SHA-256 of every file that the layout reads. folder: see `compositing.picture`."""
    return [Segment(first, last, hash_of(layout, first, last, coding, names, folder)) for first, last in pairwise(safe_cuts(layout))]


def hash_of(layout: Layout, first: int, last: int, coding: Coding, names: Mapping[Path, str], folder: Path) -> str:
    """Of the span's own filter graph and options as ffmpeg is told them, its version, and the content of its files."""
    picture = tagged(compositing.picture(layout, first, last, folder, alpha=coding.keeps_alpha))
    return _digest(picture, {**picture_options(coding, layout.fps), "frames": last - first}, names, folder)


def sound_hash(layout: Layout, coding: Coding, names: Mapping[Path, str], folder: Path) -> str | None:
    """The same for the sound of the whole timeline, which is one piece; None where nothing is heard."""
    sound = soundtrack.sound(layout)
    return None if sound is None else _digest(sound, {**sound_options(coding), **container_options(coding)}, names, folder)


def _digest(stream: Any, options: dict[str, Any], names: Mapping[Path, str], folder: Path) -> str:
    import ffmpeg as graph

    told = "\n".join([str(_FORMAT), version(), *graph.output(stream, "-", **options).get_args()])
    told = _TAKE.sub("", told.replace(str(folder), ""))
    for path, sha256 in names.items():
        told = told.replace(str(path.absolute()).replace(str(folder), ""), sha256)
    return hashlib.sha256(told.encode()).hexdigest()


@cache
def version() -> str:
    """Of the packaged ffmpeg: another one may code otherwise."""
    import imageio_ffmpeg

    return f"{ffmpeg.binary().rsplit('/', 1)[-1]} {imageio_ffmpeg.get_ffmpeg_version()}"


def safe_cuts(layout: Layout) -> list[int]:
    """Frames at which segments begin, and the last frame's successor.

    A cut lies where a clip begins or ends, but never inside a transition or a fade. A long stretch is cut further on the
    grid of the lowest clip's own frames, so that trimming its head moves no cut behind it.
    """
    spans = [(first, last) for first, last in compositing.edges(layout) if first < last]
    wanted = {0, layout.frames, *(frame for edge in compositing.edges(layout) for frame in edge)}
    safe = {frame for frame in wanted if 0 <= frame <= layout.frames and not any(first < frame < last for first, last in spans)}
    cuts = sorted({*safe, 0, layout.frames})
    further = [cut for first, last in pairwise(cuts) for cut in _grid(layout, first, last, spans)]
    return sorted({*cuts, *further})


def _grid(layout: Layout, first: int, last: int, spans: list[tuple[int, int]]) -> Iterator[int]:
    step = max(2, round(SECONDS * layout.fps))
    if last - first < step * 5 // 4 or any(begin < last and end > first for begin, end in spans):
        return
    start = first - _phase(layout, first, step)
    for cut in range(start, last, step):
        if first + step // 4 <= cut <= last - step // 4:
            yield cut


def _phase(layout: Layout, frame: int, step: int) -> int:
    """How far the timeline's frame is from the grid of the lowest clip that is seen there."""
    lowest = next((laid for track in layout.tracks for laid in track.clips if laid.seen and laid.start <= frame < laid.end), None)
    return 0 if lowest is None else (_in_source(lowest) + frame - lowest.start) % step


def _in_source(laid: Laid) -> int:
    return laid.clip.source_start if isinstance(laid.clip, MediaClip) and laid.clip.speed == 1 else 0


def runs(missing: list[Segment], layout: Layout, most: int) -> list[list[Segment]]:
    """Segments grouped for one process each: neighbours, about `RUN_SECONDS` of them, in at most `most` groups where possible."""
    total = sum(segment.frames for segment in missing)
    frames = max(round(RUN_SECONDS * layout.fps), -(-total // max(1, most)))
    groups: list[list[Segment]] = []
    for segment in missing:
        last = groups[-1] if groups else []
        together = last and last[-1].last == segment.first and len(last) < MOST_IN_RUN
        if together and segment.last - last[0].first <= frames:
            last.append(segment)
        else:
            groups.append([segment])
    return groups
