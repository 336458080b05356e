"""`video.concat`: clips one after the other, however unlike they are."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from pipelines.recipe import Kitchen, Made, Recipe
from pipelines.video.canvas import Canvas, Clip
from pipelines.video.composing import Cut, Stage, cuts, film, opened, sample_counts, staged


class ConcatParams(Canvas):
    """The clips in their order. Size, rate, pixels and sound are made alike; a still is shown for its seconds."""

    clips: list[Clip] = Field(min_length=1, max_length=100)


def make(params: ConcatParams, kitchen: Kitchen) -> Made:
    sources = opened(params, kitchen)
    stage = staged(params, sources[params.clips[0].file])
    taken = cuts(params.clips, sources, stage.fps)
    frames = sum(one.frames for one in taken)
    heard = joined_sound(taken, stage) if any(one.source.sound for one in taken) else None
    return film(kitchen, "joined", params.coding, stage, joined_picture(taken, stage), heard, frames, clips=len(taken))


def joined_picture(taken: list[Cut], stage: Stage) -> Any:
    import ffmpeg as graph

    parts = [one.picture(stage) for one in taken]
    if len(parts) == 1:
        return parts[0]
    # concat counts in microseconds; numbering anew puts every frame exactly on its place again.
    joined = graph.filter(parts, "concat", n=len(parts), v=1, a=0)
    return joined.filter("settb", f"1/({stage.fps})").filter("setpts", "N").filter("fps", str(stage.fps))


def joined_sound(taken: list[Cut], stage: Stage) -> Any:
    import ffmpeg as graph

    counts = sample_counts([one.frames for one in taken], stage.fps)
    parts = [one.sound(samples) for one, samples in zip(taken, counts, strict=True)]
    return graph.filter(parts, "concat", n=len(parts), v=0, a=1) if len(parts) > 1 else parts[0]


recipe = Recipe("video.concat", ConcatParams, make, summary="Join clips of any size, rate and format into one video.")
