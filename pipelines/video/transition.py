"""`video.transition`: clips one after the other, each going over into the next."""

from __future__ import annotations

from itertools import accumulate
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from core.params import Params
from pipelines.recipe import Kitchen, Made, Recipe
from pipelines.video.canvas import Canvas, Clip
from pipelines.video.composing import Cut, Stage, cuts, film, opened, staged
from pipelines.video.faults import Faults, known
from pipelines.video.inputs import frames_in, samples_in
from pipelines.video.xfades import XFADES

CURVES = (
    *("tri", "qsin", "esin", "hsin", "log", "ipar", "qua", "cub", "squ", "cbr", "par", "exp", "iqsin", "ihsin", "dese", "desi"),
    *("losi", "sinc", "isinc", "quat", "quatr", "qsin2", "hsin2", "nofade"),
)
TransitionName = Annotated[
    str, AfterValidator(known("transition", XFADES)), WithJsonSchema({"type": "string", "enum": list(XFADES), "default": "fade"})
]
Curve = Annotated[str, AfterValidator(known("curve", CURVES)), WithJsonSchema({"type": "string", "enum": list(CURVES), "default": "qsin"})]


class Join(Params):
    """How one clip goes over into the next."""

    name: TransitionName = "fade"
    seconds: float = Field(default=1.0, gt=0, le=60, allow_inf_nan=False, description="how long both clips are seen")
    curve: Curve = Field(default="qsin", description="how the sound goes over; qsin keeps the loudness of unlike sounds, tri of like ones")


class TransitionParams(Canvas):
    """The clips in their order, and one transition for all joins or one for each."""

    clips: list[Clip] = Field(min_length=2, max_length=50)
    transitions: list[Join] = Field(default_factory=lambda: [Join()], min_length=1, max_length=49)

    @field_validator("transitions")
    @classmethod
    def _one_a_join(cls, joins: list[Join], info: ValidationInfo) -> list[Join]:
        clips = len(info.data.get("clips", ()))
        if clips and len(joins) not in (1, clips - 1):
            raise ValueError(f"{clips} clips have {clips - 1} transitions; give so many, or one for all")
        return joins

    @property
    def joins(self) -> list[Join]:
        return self.transitions if len(self.transitions) > 1 else self.transitions * (len(self.clips) - 1)


def make(params: TransitionParams, kitchen: Kitchen) -> Made:
    sources = opened(params, kitchen)
    stage = staged(params, sources[params.clips[0].file])
    taken = cuts(params.clips, sources, stage.fps)
    overlaps = [frames_in(join.seconds, stage.fps) for join in params.joins]
    _check(taken, overlaps, stage, len(params.transitions) > 1)
    starts = [0, *accumulate(one.frames - overlap for one, overlap in zip(taken, overlaps, strict=False))]
    frames = starts[-1] + taken[-1].frames
    picture = crossed_picture(taken, params.joins, overlaps, starts, stage)
    heard = crossed_sound(taken, params.joins, overlaps, starts, stage) if any(one.source.sound for one in taken) else None
    times = [round(float(start / stage.fps), 6) for start in starts]
    return film(kitchen, "transition", params.coding, stage, picture, heard, frames, starts=times)


def _check(taken: list[Cut], overlaps: list[int], stage: Stage, separate: bool) -> None:
    """A clip must hold the transition into it and the one out of it, one after the other."""
    faults = Faults()
    for index, (one, into, out) in enumerate(zip(taken, [0, *overlaps], [*overlaps, 0], strict=True)):
        if into + out > one.frames:
            pointer = f"/transitions/{min(index, len(overlaps) - 1) if separate else 0}/seconds"
            need, has = float((into + out) / stage.fps), float(one.frames / stage.fps)
            faults.add(pointer, f"the transitions of clip {index} take {need:.3f} s, the clip lasts {has:.3f} s")
    faults.check()


def crossed_picture(taken: list[Cut], joins: list[Join], overlaps: list[int], starts: list[int], stage: Stage) -> Any:
    import ffmpeg as graph

    picture = taken[0].picture(stage)
    for one, join, overlap, start in zip(taken[1:], joins, overlaps, starts[1:], strict=True):
        lasting, offset = f"{float(overlap / stage.fps):.6f}", f"{float(start / stage.fps):.6f}"
        picture = graph.filter([picture, one.picture(stage)], "xfade", transition=join.name, duration=lasting, offset=offset)
    return picture


def crossed_sound(taken: list[Cut], joins: list[Join], overlaps: list[int], starts: list[int], stage: Stage) -> Any:
    """As the picture, to the sample: each clip's sound begins and ends with the clip."""
    import ffmpeg as graph

    spans = [(samples_in(start, stage.fps), samples_in(start + one.frames, stage.fps)) for start, one in zip(starts, taken, strict=True)]
    sounds = [one.sound(end - begin) for one, (begin, end) in zip(taken, spans, strict=True)]
    heard = sounds[0]
    for sound, join, before, after in zip(sounds[1:], joins, spans, spans[1:], strict=False):
        heard = graph.filter([heard, sound], "acrossfade", ns=before[1] - after[0], c1=join.curve, c2=join.curve)
    return heard


recipe = Recipe("video.transition", TransitionParams, make, summary="Join clips with transitions, picture and sound.")
