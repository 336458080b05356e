"""The recipe of `video.ugc`: what is found out about the film first, then all effects in one graph."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field

from core.errors import InvalidInput
from pipelines.recipe import Kitchen, Made, Product, Recipe, VideoId
from pipelines.video import composing, inputs
from pipelines.video.caption_source import CaptionSource, cues_of
from pipelines.video.captioning import CaptionLook
from pipelines.video.coding import MASTER, Coding
from pipelines.video.cues import Cue
from pipelines.video.footage import Source
from pipelines.video.people import FaceFinder
from pipelines.video.probe import MediaFacts
from pipelines.video.reel import Frame, Reel
from pipelines.video.stills import Size
from pipelines.video.ugc import camera, following, jumps, light, microphone, sensor, shake, texts
from pipelines.video.ugc.following import Point
from pipelines.video.ugc.jumps import Kept
from pipelines.video.ugc.rendering import Film, render
from pipelines.video.ugc.silences import silences
from pipelines.video.ugc.strengths import EFFECTS, Strengths

_LONGEST = 3600.0  # seconds
_HEARD, _LOOKED = 0.05, 0.35  # progress after listening and after looking for faces


class UgcParams(Strengths, CaptionLook):
    """A preset or strengths, and what is written over the picture. The same seed gives the same film, byte for byte."""

    video: VideoId
    seed: int = Field(default=0, ge=0, lt=2**31, description="another seed shakes, wanders and rustles otherwise")
    shape: Literal["9:16", "4:5", "1:1", "16:9", "source"] = "9:16"
    shorter_side: int = Field(default=1080, ge=128, le=2160, multiple_of=2, description="pixels of the finished frame's shorter side")
    fps: Literal[24, 25, 30, 50, 60] = Field(default=30, description="frames a second of the finished film")
    silence_level: float | None = Field(
        default=None,
        ge=-90,
        le=-5,
        allow_inf_nan=False,
        description="dBFS below which it is silent; found from the sound if not given",
    )
    hook: str | None = Field(default=None, min_length=1, max_length=200, description="large text at the beginning")
    hook_seconds: float = Field(default=3.0, gt=0, le=60, allow_inf_nan=False)
    captions: CaptionSource | None = Field(default=None, description="what is said in the uploaded video; jump cuts move it along")
    coding: Coding = MASTER


@dataclass(frozen=True)
class _Plan:
    """The film as it will be: which frames of the source, seen from where."""

    source: Source
    film: Size
    kept: Kept
    corners: list[Point] | None
    cues: list[Cue]
    notes: list[str]
    facts: dict[str, Any]


def make(params: UgcParams, kitchen: Kitchen) -> Made:
    plan = _planned(params, kitchen)
    size = camera.frame_size(plan.film, params.shape, params.shorter_side)
    hook = texts.Hook(params.hook or "", params.hook_seconds)
    film = Film(
        _picture(params, plan, size),
        _sound(params, plan),
        texts.written(plan.cues, params, hook, size, plan.kept.frames / params.fps, kitchen.folder),
        params.of("recompression"),
        plan.kept.frames,
        params.fps,
    )
    target = kitchen.folder / params.coding.named("ugc")
    made = render(film, target, params.coding, kitchen, _LOOKED)
    facts = _facts(params, plan, size, made)
    return Made((Product(target, params.coding.media_type, "UGC video", facts=facts),), facts)


def _planned(params: UgcParams, kitchen: Kitchen) -> _Plan:
    cues = cues_of(params.captions, kitchen, pointer="/params/captions") if params.captions else []
    source = composing.opened(_only_video(params), kitchen)[params.video]
    if source.seen.seconds > _LONGEST:
        detail = f"lasts {source.seen.seconds:.0f} s; {_LONGEST:.0f} s are the most"
        raise InvalidInput(f"The video {detail}", errors=[{"pointer": "/params/video", "detail": detail}])
    frames = inputs.frames_in(source.seen.seconds, Fraction(params.fps))
    kept, heard = _kept(params, source, frames, kitchen)
    film = inputs.even(source.seen.size)
    corners, followed = _corners(params, source, film, kept, frames, kitchen)
    notes = [*heard, *followed, *texts.notes(cues, params.hook)]
    facts = {"cuts": max(0, len(kept.parts) - 1), "kept": [[start / params.fps, end / params.fps] for start, end in kept.parts]}
    return _Plan(source, film, kept, corners, jumps.cut_cues(cues, kept), notes, facts)


def _only_video(params: UgcParams) -> UgcParams:
    return params.model_copy(update={"captions": None})


def _kept(params: UgcParams, source: Source, frames: int, kitchen: Kitchen) -> tuple[Kept, list[str]]:
    """What jump cuts leave, and notes. Raises InvalidInput if they were asked for by themselves and there is no sound."""
    strength, whole = params.of("jump_cuts"), Kept(((0, frames),), params.fps)
    if not strength:
        return whole, []
    if source.sound is None:
        if params.jump_cuts is None:
            return whole, [f"The video has no sound, so the jump cuts of the preset {params.preset!r} were left out."]
        detail = "the video has no sound in which silences could be found"
        raise InvalidInput(f"No jump cuts: {detail}", hint="Give a video with sound or jump_cuts 0.", errors=[_fault("jump_cuts", detail)])

    def watch(second: float) -> None:
        kitchen.progress(_HEARD * min(1.0, second / source.seconds), "listening for silences")

    found = silences(source, jumps.shortest_silence(strength), params.silence_level, watch)
    return jumps.kept(found, frames, params.fps), [] if found else ["No silence was long enough to be cut out."]


def _corners(
    params: UgcParams, source: Source, film: Size, kept: Kept, frames: int, kitchen: Kitchen
) -> tuple[list[Point] | None, list[str]]:
    """Where the crop lies at each kept frame; None where it has no room to move or nothing to follow."""
    window = camera.window_size(film, camera.frame_size(film, params.shape, params.shorter_side))
    if window == film or not params.of("reframe"):
        return None, []
    reel = Reel(source)

    def watch(frame: Frame) -> None:
        done = frame.number / len(reel.times)
        kitchen.progress(_HEARD + (_LOOKED - _HEARD) * done, "looking for faces")

    finder = FaceFinder(kitchen)
    seen = following.look(reel, finder, watch)
    if not seen.looks:
        return None, [*finder.notes, "No face was found to follow, so the crop stays in the middle."]
    centres = following.centres(seen, reel, frames, params.fps)
    wanted = [centres[min(kept.frame(number), frames - 1)] for number in range(kept.frames)]
    notes = [*finder.notes, f"A face was found in {seen.share:.0%} of the looks at the film."]
    return camera.corners(wanted, film, window, params.of("reframe")), notes


def _picture(params: UgcParams, plan: _Plan, size: Size) -> Any:
    frames = inputs.frames_in(plan.source.seen.seconds, Fraction(params.fps))
    picture = inputs.picture(plan.source, plan.film, Fraction(params.fps), frames=frames, fit="stretch")
    picture = jumps.cut_picture(picture, plan.kept)
    window = camera.window_size(plan.film, size)
    zooms = plan.kept.zooms(params.of("punch_in"))
    shaken = shake.shake(params.seed, params.of("shake"))
    picture = camera.seen(picture, camera.View(plan.film, window, size, plan.corners, zooms, shaken, params.fps))
    if params.of("mirror") >= 0.5:
        picture = picture.filter("hflip")
    picture = light.drift(picture, params.seed, params.of("exposure"), params.of("white_balance"))
    return sensor.sharpened(sensor.grain(picture, params.seed, params.of("grain")), params.of("sharpening"))


def _sound(params: UgcParams, plan: _Plan) -> Any:
    each = inputs.SAMPLE_RATE // params.fps
    frames = inputs.frames_in(plan.source.seen.seconds, Fraction(params.fps))
    sound = jumps.cut_sound(inputs.sound(plan.source, frames * each), plan.kept)
    if plan.source.sound is None:
        return sound
    return microphone.taken_by_phone(sound, params.seed, params.of("microphone"), plan.kept.frames * each)


def _facts(params: UgcParams, plan: _Plan, size: Size, made: MediaFacts) -> dict[str, Any]:
    frames = plan.kept.frames
    return {
        "width": size[0],
        "height": size[1],
        "fps": params.fps,
        "frames": frames,
        "seconds": round(frames / params.fps, 6),
        "bytes": made.bytes,
        "preset": params.preset,
        "seed": params.seed,
        "strengths": {effect: params.of(effect) for effect in EFFECTS},
        **plan.facts,
        "notes": plan.notes,
    }


def _fault(field: str, detail: str) -> dict[str, str]:
    return {"pointer": f"/params/{field}", "detail": detail}


recipe = Recipe("video.ugc", UgcParams, make, summary="Make a video look and sound as if somebody had taken it with a phone.")
