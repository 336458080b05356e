"""`video.render`: a timeline as a film. Its segments are made side by side, and only those that no earlier render left."""

from __future__ import annotations

from typing import Any

from core.settings import get_settings
from pipelines.recipe import Made, Product
from pipelines.video.joining import join as joined
from pipelines.video.layout import settled
from pipelines.video.segments import Segment, runs
from pipelines.video.timeline import Timeline
from tasks.cutting_room import CuttingRoom, opened
from tasks.recipes import Output, saved
from tasks.render_segments import local_segments, used_segments
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import ChildJob, Children, Outcome


class VideoRender(Timeline, Output):
    """A film as tracks of clips on a grid of frames. Rendering it again after a change codes only what changed."""


kind = JobKind("video.render", VideoRender, summary="Render a timeline of tracks, clips, transitions and titles.")


@kind.step(pool="cpu", share=90, deadline=3600.0)
def segments(ctx: StepContext, params: VideoRender) -> Outcome:
    room = opened(ctx, Timeline.model_validate(params.model_dump(exclude={"name"})))
    wanted = {one.hash: one for one in reversed(room.segments)}  # of equal segments the first
    there = used_segments(ctx, [*wanted, *([room.sound] if room.sound else [])])
    missing = sorted((one for one in wanted.values() if one.hash not in there), key=lambda one: one.first)
    plan: dict[str, Any] = {"hashes": [one.hash for one in room.segments], "sound": room.sound, "frames": room.layout.frames}
    plan |= {"segments": len(room.segments), "encoded": len(missing), "reused": len(room.segments) - len(missing)}
    plan |= {"notes": list(room.layout.notes), "simulated": room.simulated}
    jobs = _jobs(room, missing, sound=room.sound is not None and room.sound not in there)
    return Children(jobs, keep=plan) if jobs else plan


@kind.step(pool="cpu", share=10, deadline=3600.0)
def join(ctx: StepContext, params: VideoRender) -> Outcome:
    plan, coding = ctx.output("segments"), params.coding
    sound = local_segments(ctx, [plan["sound"]])[0] if plan["sound"] else None
    target = ctx.workdir / coding.named("film")
    parts = local_segments(ctx, plan["hashes"])
    facts = joined(parts, sound, target, frames=plan["frames"], fps=params.rate, coding=coding, progress=ctx.progress)
    told = {key: plan[key] for key in ("segments", "encoded", "reused", "frames", "notes")} | {"seconds": round(facts.seconds, 3)}
    product = Product(target, coding.media_type, "Film", "video", {"codec": coding.codec, "fps": params.fps, "frames": plan["frames"]})
    return saved(ctx, Made((product,), told), params.name, {}, simulated=plan["simulated"])


def _jobs(room: CuttingRoom, missing: list[Segment], *, sound: bool) -> list[ChildJob]:
    """The sound first: it is one job however long the film is."""
    jobs = [ChildJob("video.soundtrack", {"timeline": room.timeline.model_dump(mode="json")})] if sound else []
    for group in runs(missing, room.layout, get_settings().max_children - 1):
        part = settled(room.timeline, room.layout, group[0].first, group[-1].last)
        cuts = [group[0].first, *(one.last for one in group)]
        jobs.append(ChildJob("video.segment", {"timeline": part.model_dump(mode="json"), "cuts": cuts}))
    return jobs
