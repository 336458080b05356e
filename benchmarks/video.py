"""A render's CPU seconds beside the best ffmpeg command that one would write by hand for it.

Two clips of ten seconds in 1080p, a crossfade of one second between them, a half-transparent overlay over all of it, x264
veryfast, AAC. Both are ffmpeg, so what is compared is what our graph adds, examining the files and checking the result
included. `smart-render`: the same film with another transition, the other segments being there.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.row import Row
from pipelines.video import compositing, ffmpeg, soundtrack
from pipelines.video.inputs import Source, examine
from pipelines.video.joining import join
from pipelines.video.layout import Layout, lay_out
from pipelines.video.process import standalone
from pipelines.video.rendering import render
from pipelines.video.segment_run import render_run, render_sound
from pipelines.video.segments import runs, segments, sound_hash
from pipelines.video.timeline import Timeline

WIDTH, HEIGHT, FPS, SECONDS, CROSSED = 1920, 1080, 30, 10, 1
ROUNDS = 3
_OTHERS = ("dissolve", "wipeleft", "radial")  # transitions, one a round
_OPACITY = 0.8
_BOX = (480, 270)
_PLACE = (1380, 60)  # of the overlay's upper left corner
_HOW: dict[str, Any] = {"run": standalone(), "progress": lambda done, words: None}


def rows() -> list[Row]:
    """Medians of rounds that take turns, so that whatever else the machine does weighs on both."""
    with tempfile.TemporaryDirectory(prefix="bench-video-") as name:
        folder = Path(name)
        files = _material(folder)
        table = _Table(folder, files)
        table.smart("fade", {})  # what an earlier render left
        measured: dict[str, list[float]] = {"ours": [], "hand": [], "smart": []}
        for round_ in range(ROUNDS):
            measured["hand"].append(_cpu(partial(_by_hand, folder, files)))
            measured["ours"].append(_cpu(table.whole))
            kept = dict(table.kept)
            measured["smart"].append(_cpu(partial(table.smart, _OTHERS[round_], kept)))
    hand, ours, smart = (sorted(measured[name])[ROUNDS // 2] for name in ("hand", "ours", "smart"))
    return [Row("single-pass", ours, hand, "CPU s"), Row("smart-render", smart, hand, "CPU s")]


class _Table:
    """The film as a timeline of ours. kept: segments by hash."""

    def __init__(self, folder: Path, files: list[Path]) -> None:
        self.folder, self.files = folder, files
        self.kept: dict[str, Path] = {}

    def whole(self) -> None:
        timeline, layout, _ = self._opened("fade")
        picture = compositing.picture(layout, 0, layout.frames, self.folder)
        promised: dict[str, Any] = {"frames": layout.frames, "fps": layout.fps, "coding": timeline.coding}
        render(picture, soundtrack.sound(layout), self.folder / "ours.mp4", **promised, **_HOW)

    def smart(self, transition: str, known: Mapping[str, Path]) -> None:
        """Code what is not known, join, check: all that the job does but for fetching and storing files."""
        timeline, layout, names = self._opened(transition)
        wanted = segments(layout, timeline.coding, names, self.folder)
        kept = dict(known)
        for group in runs([one for one in wanted if one.hash not in kept], layout, len(wanted)):
            render_run(layout, group, timeline.coding, self.folder, on_segment=lambda one, path: kept.update({one.hash: path}), **_HOW)
        sound = sound_hash(layout, timeline.coding, names, self.folder) or ""
        if sound not in kept:
            kept[sound] = self.folder / f"{sound}.mp4"
            render_sound(layout, timeline.coding, kept[sound], **_HOW)
        parts, target = [kept[one.hash] for one in wanted], self.folder / "smart.mp4"
        join(parts, kept[sound], target, frames=layout.frames, fps=layout.fps, coding=timeline.coding, progress=_HOW["progress"])
        self.kept = self.kept or kept

    def _opened(self, transition: str) -> tuple[Timeline, Layout, dict[Path, str]]:
        ids = [uuid.uuid4() for _ in self.files]
        sources: dict[uuid.UUID, Source] = {one: examine(path, self.folder) for one, path in zip(ids, self.files, strict=True)}
        x, y = ((_PLACE[side] + _BOX[side] / 2) / (WIDTH, HEIGHT)[side] for side in (0, 1))
        crossed = {"name": transition, "frames": CROSSED * FPS}
        over = {"source": ids[2], "frames": (2 * SECONDS - CROSSED) * FPS, "scale": _BOX[0] / WIDTH, "x": x, "y": y, "opacity": _OPACITY}
        tracks = [{"clips": [{"source": ids[0]}, {"source": ids[1], "transition": crossed}]}, {"clips": [over]}]
        coding = {"preset": "veryfast", "crf": 23}
        shape = {"width": WIDTH, "height": HEIGHT, "fps": FPS, "tracks": tracks, "coding": coding}
        names = {sources[one].path: _name(path) for one, path in zip(ids, self.files, strict=True)}
        timeline = Timeline.model_validate(shape)
        return timeline, lay_out(timeline, sources), names


def _by_hand(folder: Path, files: list[Path]) -> None:
    """The same film in one command, each filter of which is needed."""
    graph = (
        f"[0:v][1:v]xfade=transition=fade:duration={CROSSED}:offset={SECONDS - CROSSED}[film];"
        f"[2:v]scale={_BOX[0]}:{_BOX[1]},format=yuva420p,colorchannelmixer=aa={_OPACITY}[box];"
        f"[film][box]overlay={_PLACE[0]}:{_PLACE[1]}[v];[0:a][1:a]acrossfade=d={CROSSED}[a]"
    )
    inputs = [word for path in files[:2] for word in ("-i", str(path))] + ["-i", str(files[2])]
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-g", str(2 * FPS)]
    sound = ["-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart"]
    command = [ffmpeg.binary(), "-v", "error", "-y", *inputs, "-filter_complex", graph, "-map", "[v]", "-map", "[a]", *picture, *sound]
    subprocess.run([*command, str(folder / "hand.mp4")], check=True, stdin=subprocess.DEVNULL)


def _material(folder: Path) -> list[Path]:
    """Two moving clips with sound, and a still."""
    first = _clip(folder / "first.mp4", "", 440)
    second = _clip(folder / "second.mp4", ",negate,hflip", 660)
    still = folder / "overlay.png"
    _ffmpeg("-f", "lavfi", "-i", f"testsrc=s={WIDTH}x{HEIGHT}", "-frames:v", "1", str(still))
    return [first, second, still]


def _clip(target: Path, filters: str, tone: int) -> Path:
    marked = "format=yuv420p,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
    picture = f"testsrc2=s={WIDTH}x{HEIGHT}:r={FPS}{filters},{marked}"
    streams = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine={tone}:r=48000", "-t", str(SECONDS)]
    _ffmpeg(*streams, "-c:v", "libx264", "-preset", "veryfast", "-c:a", "aac", "-ac", "2", str(target))
    return target


def _ffmpeg(*words: str) -> None:
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", *words], check=True, stdin=subprocess.DEVNULL)


def _name(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cpu(work: Callable[[], None]) -> float:
    """CPU seconds of this process and of the children it waited for."""
    before = _spent()
    work()
    return _spent() - before


def _spent() -> float:
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, whose))
