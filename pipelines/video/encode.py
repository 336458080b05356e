"""`video.encode`: a video in another codec, size, rate or quality, for a platform, or as HLS."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from core.errors import InvalidInput
from core.params import Params
from pipelines.recipe import Kitchen, Made, Product, Recipe, VideoId
from pipelines.video import hardware, hls, loudness, vmaf
from pipelines.video.canvas import Canvas
from pipelines.video.coding import Coding
from pipelines.video.composing import Stage, opened, staged
from pipelines.video.footage import Source
from pipelines.video.inputs import Fit, frames_in, picture, samples_in, sound
from pipelines.video.platforms import PLATFORMS, Platform, PlatformName, affordable_bitrate, faults, length_fault, nearest_size
from pipelines.video.rendering import render

TRUE_PEAK = -1.0  # dBTP


class Hls(Params):
    """Several sizes of the film, as one ZIP with playlists."""

    sides: list[int] | None = Field(
        default=None, min_length=1, max_length=8, description="shorter sides of the rungs in pixels; if not given, 1080, 720, 480 and 360"
    )

    @field_validator("sides")
    @classmethod
    def _sensible(cls, sides: list[int] | None) -> list[int] | None:
        if sides and not all(120 <= side <= 2160 for side in sides):
            raise ValueError("give sides from 120 to 2160 pixels")
        return sides


class EncodeParams(Canvas):
    """What becomes of which video. What is not said stays as it is."""

    file: VideoId
    fit: Fit = Field(default="contain", description="how another shape is brought into the frame")
    platform: PlatformName | None = Field(default=None, description="size, rate, quality and loudness as the platform takes them")
    vmaf: float | None = Field(default=None, ge=50, le=99, description="the least quality: the smallest file that reaches it on samples")
    loudness: float | None = Field(default=None, ge=-40, le=-5, description="LUFS that the sound is brought to")
    hls: Hls | None = Field(default=None, description="make an HLS ladder instead of a file")
    hardware: Literal["auto", "off"] = Field(default="off", description="auto: a hardware encoder where one works")

    @field_validator("vmaf")
    @classmethod
    def _instead_of_a_rate(cls, floor: float | None, info: ValidationInfo) -> float | None:
        coding = info.data.get("coding")
        if floor is not None and coding and (coding.crf is not None or coding.bitrate is not None):
            raise ValueError("it finds the crf: give no crf and no bitrate")
        if floor is not None and coding and (coding.codec == "prores" or coding.keeps_alpha):
            raise ValueError(f"{coding.codec} {'with transparency ' if coding.keeps_alpha else ''}has no quality to search")
        return floor

    @field_validator("hls")
    @classmethod
    def _alone(cls, wanted: Hls | None, info: ValidationInfo) -> Hls | None:
        coding = info.data.get("coding")
        if wanted and coding and (coding.codec not in hls.CODECS or coding.keeps_alpha or coding.two_pass):
            raise ValueError("HLS is made of h264 or h265, in one pass")
        if wanted and (info.data.get("vmaf") is not None or info.data.get("platform")):
            raise ValueError("a ladder has its own rates: give no vmaf and no platform")
        return wanted


def make(params: EncodeParams, kitchen: Kitchen) -> Made:
    source = opened(params, kitchen)[params.file]
    platform = PLATFORMS[params.platform] if params.platform else None
    stage = _stage(params, source, platform)
    frames = frames_in(source.seen.seconds, stage.fps)
    coding = _coding(params, platform, float(frames / stage.fps))
    told: dict[str, Any] = {
        "width": stage.size[0],
        "height": stage.size[1],
        "fps": round(float(stage.fps), 6),
        "frames": frames,
        "notes": [],
    }

    def shown(first: int, length: int, take: int) -> Any:
        options: dict[str, Any] = {"fit": params.fit, "behind": stage.behind, "alpha": stage.alpha, "take": take}
        return picture(source, stage.size, stage.fps, frames=length, start=float(first / stage.fps), **options)

    heard = _heard(params, source, platform, samples_in(frames, stage.fps), kitchen, told)
    if params.hls:
        return _ladder(params.hls, shown(0, frames, 0), heard, stage, frames, coding, kitchen, told)
    if params.vmaf is not None:
        coding = _searched(params.vmaf, shown, stage, frames, coding, kitchen, told)
    return _film(params, shown(0, frames, 0), heard, stage, frames, coding, platform, kitchen, told)


def _stage(params: EncodeParams, source: Source, platform: Platform | None) -> Stage:
    """As asked; else as the platform takes it; else as it is."""
    asked = staged(params, source)
    if platform is None:
        return asked
    size = asked.size if params.width else nearest_size(platform, source.seen.size)
    least, most = platform.fps
    fps = asked.fps if params.fps or least <= asked.fps <= most else Fraction(30 if asked.fps < least else int(most))
    return Stage(size, fps, asked.behind, asked.alpha)


def _coding(params: EncodeParams, platform: Platform | None, seconds: float) -> Coding:
    """The platform's cap on the picture is added where nothing was said. Raises InvalidInput for a length that it refuses."""
    coding = params.coding
    if platform is None:
        return coding
    if fault := length_fault(platform, seconds):
        raise InvalidInput(fault, hint="Use video.trim first.", errors=[{"pointer": "/params/platform", "detail": fault}])
    if coding.bitrate or coding.max_bitrate:
        return coding
    return coding.model_copy(update={"max_bitrate": affordable_bitrate(platform, seconds, coding.audio_bitrate)})


def _heard(
    params: EncodeParams, source: Source, platform: Platform | None, samples: int, kitchen: Kitchen, told: dict[str, Any]
) -> Any | None:
    target = params.loudness if params.loudness is not None else platform.lufs if platform else None
    if source.sound is None:
        told["notes"] += [f"{source.name} has no sound."] if params.loudness is not None else []
        return None
    if target is None:
        return sound(source, samples)
    kitchen.progress(0.0, "measuring the loudness")
    # ffmpeg tells nothing of its progress to a listener: its lines are many, and each is a sign of life.
    found = loudness.correction(lambda: sound(source, samples), target, TRUE_PEAK, kitchen.run, lambda _: kitchen.progress(0.0, ""))
    if found.before.integrated <= loudness.SILENT:
        told["notes"] += ["The sound is silent; its loudness stays as it is."]
        return sound(source, samples)
    told["loudness"] = {"before": found.before.integrated, "target": target, "gain": round(found.gain, 2), "limited": found.limited}
    return found.applied(sound(source, samples))


def _searched(
    floor: float, shown: Callable[[int, int, int], Any], stage: Stage, frames: int, coding: Coding, kitchen: Kitchen, told: dict[str, Any]
) -> Coding:
    if min(stage.size) < vmaf.LEAST_SIDE:
        detail = f"VMAF needs {vmaf.LEAST_SIDE} pixels a side, the picture has {stage.size[0]} x {stage.size[1]}"
        raise InvalidInput(detail, errors=[{"pointer": "/params/vmaf", "detail": detail}])
    found = vmaf.search(shown, frames, stage.fps, coding, floor, kitchen.folder, kitchen.run, lambda words: kitchen.progress(0.0, words))
    told["vmaf"] = {"floor": floor, "samples": found.vmaf, "crf": found.crf, "tried": [list(one) for one in found.tried]}
    if not found.reached:
        told["notes"] += [f"VMAF {floor:g} is out of reach: {found.vmaf:g} at crf {found.crf}, the best that was tried."]
    return coding.model_copy(update={"crf": float(found.crf)})


def _film(
    params: EncodeParams,
    shown: Any,
    heard: Any | None,
    stage: Stage,
    frames: int,
    coding: Coding,
    platform: Platform | None,
    kitchen: Kitchen,
    told: dict[str, Any],
) -> Made:
    encoder = hardware.usable(coding.codec, kitchen.run) if params.hardware == "auto" else None
    if params.hardware == "auto" and encoder is None:
        told["notes"] += [f"No hardware encoder of {coding.codec} works on this machine; the software encoder was used."]
    rate = hardware.options(encoder, coding) if encoder else None
    target = kitchen.folder / coding.named("encoded")
    how: dict[str, Any] = {"run": kitchen.run, "progress": kitchen.progress, "coding": coding, "rate": rate}
    facts = render(shown, heard, target, frames=frames, fps=stage.fps, **how)
    if platform and (refused := faults(platform, facts)):
        target.unlink()
        raise InvalidInput("; ".join(refused), errors=[{"pointer": "/params", "detail": fault} for fault in refused])
    told |= {"seconds": round(facts.seconds, 6), "bytes": facts.bytes, "codec": coding.codec, "encoder": encoder or "software"}
    told |= {"bitrate": round(facts.bytes * 8 / 1000 / facts.seconds), "sound": facts.audio is not None}
    return Made((Product(target, coding.media_type, "encoded", facts=told),), told)


def _ladder(
    wanted: Hls,
    shown: Any,
    heard: Any | None,
    stage: Stage,
    frames: int,
    coding: Coding,
    kitchen: Kitchen,
    told: dict[str, Any],
) -> Made:
    folder = kitchen.folder / "hls"
    folder.mkdir()
    rungs = hls.ladder(stage.size, coding.codec, wanted.sides)
    largest = shown if rungs[0].size == stage.size else shown.filter("scale", *rungs[0].size)
    try:
        how: dict[str, Any] = {"run": kitchen.run, "progress": kitchen.progress}
        told |= hls.render_hls(largest, heard, rungs, folder, frames=frames, fps=stage.fps, coding=coding, **how)
        target = kitchen.folder / "hls.zip"
        hls.packed(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Made((Product(target, "application/zip", "HLS", facts=told),), told)


recipe = Recipe("video.encode", EncodeParams, make, summary="Encode a video: codec, size, rate, quality, loudness, platform, HLS.")
