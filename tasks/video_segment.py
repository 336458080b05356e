"""`video.segment` and `video.soundtrack`: parts of a render, made by whichever worker is free and kept by their hash."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, field_validator

from core.params import Params
from pipelines.video.segment_run import render_run, render_sound
from pipelines.video.segments import runs
from pipelines.video.timeline import Frames, Timeline
from tasks.cutting_room import opened
from tasks.render_segments import keep_segment, used_segments
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome


class VideoSegment(Params):
    timeline: Timeline
    cuts: list[Frames] = Field(min_length=2, max_length=1000, description="frames at which a segment begins or ends, rising")

    @field_validator("cuts")
    @classmethod
    def _rising(cls, cuts: list[int]) -> list[int]:
        if any(one >= after for one, after in pairwise(cuts)):
            raise ValueError("each cut must lie behind the one before it")
        return cuts


class VideoSoundtrack(Params):
    timeline: Timeline


segment = JobKind("video.segment", VideoSegment, summary="Code a few segments of a timeline; video.render asks for them.", internal=True)
soundtrack = JobKind(
    "video.soundtrack", VideoSoundtrack, summary="Mix and code the sound of a timeline; video.render asks for it.", internal=True
)


@segment.step(pool="cpu", deadline=4 * 3600.0)
def encode(ctx: StepContext, params: VideoSegment) -> Outcome:
    room, coding = opened(ctx, params.timeline), params.timeline.coding
    wanted = [room.segment(first, last) for first, last in pairwise(params.cuts)]
    there = used_segments(ctx, [one.hash for one in wanted])
    missing = [one for one in wanted if one.hash not in there]
    for group in runs(missing, room.layout, len(missing)):
        render_run(
            room.layout,
            group,
            coding,
            room.folder,
            run=ctx.process,
            progress=ctx.progress,
            on_segment=lambda one, path: keep_segment(ctx, one.hash, path, one.frames, coding.media_type),
        )
    return {"encoded": len(missing), "frames": sum(one.frames for one in missing)}


@soundtrack.step(pool="cpu", deadline=3600.0)
def mix(ctx: StepContext, params: VideoSoundtrack) -> Outcome:
    room, coding = opened(ctx, params.timeline), params.timeline.coding
    if room.sound is None or used_segments(ctx, [room.sound]):
        return {"encoded": 0}
    path = room.folder / coding.named("sound")
    render_sound(room.layout, coding, path, run=ctx.process, progress=ctx.progress)
    keep_segment(ctx, room.sound, path, 0, coding.media_type)
    return {"encoded": 1}
