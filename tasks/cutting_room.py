"""A timeline on the table of a step: its files at hand, its clips laid out, its segments known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.errors import InvalidInput
from pipelines.recipe import wanted_files
from pipelines.video.faults import Faults
from pipelines.video.inputs import Source, examine
from pipelines.video.layout import Layout, lay_out
from pipelines.video.segments import Segment, hash_of, segments, sound_hash
from pipelines.video.timeline import Timeline
from tasks.asset_files import wanted_assets
from worker.context import StepContext


@dataclass(frozen=True)
class CuttingRoom:
    """names: the SHA-256 of every file that the layout reads. folder: of this attempt."""

    timeline: Timeline
    layout: Layout
    names: Mapping[Path, str]
    folder: Path
    simulated: bool

    @cached_property
    def segments(self) -> list[Segment]:
        return segments(self.layout, self.timeline.coding, self.names, self.folder)

    def segment(self, first: int, last: int) -> Segment:
        return Segment(first, last, hash_of(self.layout, first, last, self.timeline.coding, self.names, self.folder))

    @cached_property
    def sound(self) -> str | None:
        return sound_hash(self.layout, self.timeline.coding, self.names, self.folder)


def opened(ctx: StepContext, timeline: Timeline) -> CuttingRoom:
    """Raises InvalidInput or MediaUnreadable, with a pointer for every file that cannot be used and every clip that does not fit."""
    assets = wanted_assets(ctx, timeline)
    pointers, faults = wanted_files(timeline), Faults()
    sources: dict[object, Source] = {}
    for asset_id, asset in assets.items():
        ctx.check()
        try:
            sources[asset_id] = examine(asset.path, ctx.workdir)
        except InvalidInput as error:
            faults.add_unreadable(pointers[asset_id][0], error)
    faults.check()
    names = {sources[asset_id].path: asset.sha256 for asset_id, asset in assets.items()}
    simulated = any(asset.simulated for asset in assets.values())
    layout = lay_out(timeline, {asset_id: sources[asset_id] for asset_id in assets})
    return CuttingRoom(timeline, layout, names, ctx.workdir, simulated)
