"""`video.trim`: a part of a video, exact to the frame."""

from __future__ import annotations

from pipelines.recipe import Kitchen, Made, Recipe, VideoId
from pipelines.video.canvas import Canvas, Span
from pipelines.video.composing import cut, film, opened, staged
from pipelines.video.faults import Faults
from pipelines.video.inputs import Fit, samples_in


class TrimParams(Canvas, Span):
    """Which part of which video."""

    file: VideoId
    fit: Fit = "contain"


def make(params: TrimParams, kitchen: Kitchen) -> Made:
    source = opened(params, kitchen)[params.file]
    stage, faults = staged(params, source), Faults()
    taken = cut(params, source, stage.fps, "", faults, fit=params.fit)
    faults.check()
    heard = taken.sound(samples_in(taken.frames, stage.fps)) if source.sound else None
    return film(kitchen, "trimmed", params.coding, stage, taken.picture(stage), heard, taken.frames, start=params.start)


recipe = Recipe("video.trim", TrimParams, make, summary="Cut a part out of a video, exact to the frame.")
