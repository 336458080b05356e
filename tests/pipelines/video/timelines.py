"""Timelines of generated films, rendered whole or in segments, as tests ask for them."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from pipelines.video import compositing, soundtrack
from pipelines.video.inputs import Source, examine
from pipelines.video.joining import join
from pipelines.video.layout import Layout, lay_out
from pipelines.video.process import standalone
from pipelines.video.rendering import render
from pipelines.video.segment_run import render_run, render_sound
from pipelines.video.segments import Segment, runs, segments
from pipelines.video.timeline import Timeline

SIZE = (64, 48)


class Desk:
    """Files under short names; `desk.timeline([...])` lays clips on tracks. Segments are kept as a job keeps them."""

    def __init__(self, folder: Path, **files: Path) -> None:
        self.folder = folder
        self.ids = {name: uuid.uuid4() for name in files}
        self.sources: dict[uuid.UUID, Source] = {self.ids[name]: examine(path, folder) for name, path in files.items()}
        self.names = {source.path: hashlib.sha256(source.path.read_bytes()).hexdigest() for source in self.sources.values()}
        self.kept: dict[str, Path] = {}
        self.coded: list[Segment] = []  # by the last smart render

    def timeline(self, *tracks: list[dict[str, Any]] | dict[str, Any], **fields: Any) -> Timeline:
        """A list of clips is a track. `source` is a file's short name."""
        whole = [dict(track) if isinstance(track, dict) else {"clips": track} for track in tracks]
        for track in whole:
            track["clips"] = [{**clip, "source": self.ids[clip["source"]]} if "source" in clip else clip for clip in track["clips"]]
        standard = {"width": SIZE[0], "height": SIZE[1], "fps": 30, "coding": {"preset": "ultrafast"}}
        return Timeline.model_validate({**standard, **fields, "tracks": whole})

    def layout(self, timeline: Timeline) -> Layout:
        return lay_out(timeline, self.sources)

    def picture(self, timeline: Timeline, first: int = 0, last: int | None = None) -> Any:
        layout = self.layout(timeline)
        return compositing.picture(layout, first, layout.frames if last is None else last, self.folder)

    def whole(self, timeline: Timeline) -> Path:
        """Rendered by one process."""
        layout, target = self.layout(timeline), self.folder / timeline.coding.named(f"whole-{uuid.uuid4().hex}")
        picture = compositing.picture(layout, 0, layout.frames, self.folder, alpha=timeline.coding.keeps_alpha)
        how: dict[str, Any] = {"run": standalone(), "progress": lambda done, words: None, "coding": timeline.coding}
        render(picture, soundtrack.sound(layout), target, frames=layout.frames, fps=layout.fps, **how)
        return target

    def segments(self, timeline: Timeline) -> list[Segment]:
        return segments(self.layout(timeline), timeline.coding, self.names, self.folder)

    def smart(self, timeline: Timeline) -> Path:
        """Rendered in segments, those of earlier renders taken over."""
        layout, coding = self.layout(timeline), timeline.coding
        wanted = self.segments(timeline)
        self.coded = [one for one in {one.hash: one for one in reversed(wanted)}.values() if one.hash not in self.kept]
        how: dict[str, Any] = {"run": standalone(), "progress": lambda done, words: None}
        for group in runs(sorted(self.coded, key=lambda one: one.first), layout, 100):
            render_run(layout, group, coding, self.folder, on_segment=lambda one, path: self.kept.update({one.hash: path}), **how)
        target, sound = self.folder / coding.named(f"smart-{uuid.uuid4().hex}"), None
        if layout.heard:
            sound = self.folder / coding.named(f"sound-{uuid.uuid4().hex}")
            render_sound(layout, coding, sound, **how)
        parts = [self.kept[one.hash] for one in wanted]
        join(parts, sound, target, frames=layout.frames, fps=layout.fps, coding=coding, progress=how["progress"])
        return target
