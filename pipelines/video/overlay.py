"""`video.overlay`: logos, pictures, films and texts over a video; watermarks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from pipelines.recipe import Kitchen, Made, PictureId, Recipe
from pipelines.video import laying, mixing
from pipelines.video.canvas import Canvas, Loudness, Second, Span
from pipelines.video.composing import Cut, Stage, cut, film, opened, staged
from pipelines.video.faults import Faults
from pipelines.video.inputs import Source, even, frame_at, samples_in
from pipelines.video.layouts import Box
from pipelines.video.overlay_layers import Laid, drawn_layer, tiles, turned
from pipelines.video.placing import Anchor, outside, place, usual_margin
from pipelines.video.stills import Size
from pipelines.video.wording import Wording, set_in_lines, undrawable

_MOST_TILES = 4000

EvenPixels = Annotated[int, Field(ge=0, le=4000, multiple_of=2)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Fade = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)]


class Overlay(Span):
    """One thing laid over the video: a file or a text. start, end, seconds: the part of a video that is used."""

    file: PictureId | None = Field(default=None, description="an image or a video; its transparency is kept")
    text: Wording | None = Field(default=None, validate_default=True, description="instead of a file")
    anchor: Anchor = "bottom_right"
    margin_x: EvenPixels | None = Field(default=None, description="pixels, even, to the side; 4 % of the frame's shorter side if not given")
    margin_y: EvenPixels | None = Field(default=None, description="pixels, even, to the top or bottom")
    width: float | None = Field(
        default=None, gt=0, le=1, allow_inf_nan=False, description="of a file, as a share of the frame's; its own size if not given"
    )
    opacity: Share = 1.0
    angle: float = Field(default=0.0, ge=-180, le=180, allow_inf_nan=False, description="degrees, clockwise")
    tile: bool = Field(default=False, description="repeated over the whole frame, as a watermark; for images and texts")
    gap: Share = Field(default=0.5, description="between the repeats, as a share of the picture's height")
    at: Second = Field(default=0.0, description="second of the film at which it appears")
    until: Second | None = Field(default=None, description="second of the film at which it goes; the end if not given")
    fade_in: Fade = Field(default=0.0, description="seconds")
    fade_out: Fade = Field(default=0.0, description="seconds")
    after: Literal["hide", "hold", "loop"] = Field(default="hide", description="what a video does that is shorter than its time")
    volume: Loudness = Field(default=0.0, description="of a video's sound: 0 silent, 1 as it is")

    @field_validator("text")
    @classmethod
    def _one_thing(cls, text: Wording | None, info: ValidationInfo) -> Wording | None:
        if "file" in info.data and (info.data["file"] is None) == (text is None):
            raise ValueError("give a file or a text")
        return text

    @field_validator("until")
    @classmethod
    def _after_it_came(cls, until: float | None, info: ValidationInfo) -> float | None:
        at = info.data.get("at", 0.0)
        if until is not None and until <= at:
            raise ValueError(f"until ({until:g} s) must come after at ({at:g} s)")
        return until

    @field_validator("after")
    @classmethod
    def _whole_again(cls, after: str, info: ValidationInfo) -> str:
        if after == "loop" and (info.data.get("start") or info.data.get("end") or info.data.get("seconds")):
            raise ValueError("only a whole file can begin again: leave start, end and seconds out, or hold")
        return after


class OverlayParams(Canvas, Span):
    """A video, and what is laid over it, the last on top. start, end, seconds: the part of the video that is used."""

    base: PictureId = Field(description="it gives size, rate and length")
    overlays: list[Overlay] = Field(min_length=1, max_length=20)


def make(params: OverlayParams, kitchen: Kitchen) -> Made:
    sources = opened(params, kitchen)
    stage, faults = staged(params, sources[params.base]), Faults()
    base = cut(params, sources[params.base], stage.fps, "", faults)
    laid = [_planned(overlay, number, sources, stage, base.frames, faults) for number, overlay in enumerate(params.overlays)]
    faults.check()
    seen = base.picture(stage)
    for one in laid:
        seen = laying.lay(seen, drawn_layer(one, stage, kitchen), one.box.left, one.box.top, first=one.first, fps=stage.fps)
    told = [{"left": one.box.left, "top": one.box.top, "width": one.box.width, "height": one.box.height} for one in laid]
    return film(kitchen, "overlaid", params.coding, stage, seen, _heard(base, laid, stage), base.frames, overlays=told)


def _planned(overlay: Overlay, number: int, sources: Mapping[UUID, Source], stage: Stage, frames: int, faults: Faults) -> Laid:
    pointer = f"/overlays/{number}"
    first, last = _times(overlay, stage, frames, pointer, faults)
    taken = worded = None
    if overlay.text is not None:
        if lost := undrawable(overlay.text.text):
            faults.add(f"{pointer}/text/text", f"the font has no letter for {lost[:40]!r}; write it otherwise, or give it as an image")
        worded = set_in_lines(overlay.text, stage.size)
        if not any(worded.lines):
            faults.add(f"{pointer}/text/text", "has no letter in it")
        size = worded.size
    else:
        source = sources[overlay.file]  # type: ignore[index]  # a validator made sure that it is one or the other
        taken = cut(overlay, source, stage.fps, pointer, faults, volume=overlay.volume, take=number + 1)
        size = _scaled(source.seen.size, overlay.width, stage.size)
    laid = Laid(number, overlay, taken, worded, size, _box(overlay, size, stage.size), first, max(1, last - first))
    if not laid.still and taken is not None and overlay.after == "hide":
        laid = replace(laid, frames=min(laid.frames, taken.frames))
    _check(laid, stage, pointer, faults)
    return laid


def _times(overlay: Overlay, stage: Stage, frames: int, pointer: str, faults: Faults) -> tuple[int, int]:
    """The first frame with the overlay and the first one after it."""
    whole = float(frames / stage.fps)
    first = frame_at(overlay.at, stage.fps)
    last = frames if overlay.until is None else frame_at(overlay.until, stage.fps)
    if first >= frames:
        faults.add(f"{pointer}/at", f"{overlay.at:g} s is at or after the end of the film, which lasts {whole:.3f} s")
    elif last > frames:
        faults.add(f"{pointer}/until", f"{overlay.until:g} s is after the end of the film, which lasts {whole:.3f} s")
    return first, last


def _scaled(size: Size, share: float | None, frame: Size) -> Size:
    factor = 1.0 if share is None else share * frame[0] / size[0]
    return even((size[0] * factor, size[1] * factor))


def _box(overlay: Overlay, size: Size, frame: Size) -> Box:
    if overlay.tile:
        return Box(0, 0, *frame)
    usual = usual_margin(frame)
    margin = (usual if overlay.margin_x is None else overlay.margin_x, usual if overlay.margin_y is None else overlay.margin_y)
    return place(turned(size, overlay.angle), frame, overlay.anchor, margin)


def _check(laid: Laid, stage: Stage, pointer: str, faults: Faults) -> None:
    overlay = laid.wanted
    if overlay.tile and not laid.still:
        faults.add(f"{pointer}/tile", "a video is not repeated over the frame; give an image or a text")
    if overlay.tile and math.prod(tiles(laid, stage.size)) > _MOST_TILES:
        faults.add(f"{pointer}/width", "is so small that it would be repeated more than 4000 times")
    if told := outside(laid.box, stage.size):
        faults.add(pointer, f"{told}; make it smaller, or its margin")
    for name, fade in (("fade_in", overlay.fade_in), ("fade_out", overlay.fade_out)):
        if frame_at(fade, stage.fps) > laid.frames:
            faults.add(f"{pointer}/{name}", f"{fade:g} s is longer than the overlay is seen, {float(laid.frames / stage.fps):.3f} s")


def _heard(base: Cut, laid: list[Laid], stage: Stage) -> Any | None:
    samples = samples_in(base.frames, stage.fps)
    heard = [base.sound(samples)] if base.source.sound else []
    for one in laid:
        if one.taken is not None and one.taken.source.sound and one.wanted.volume:
            lasting = samples_in(one.frames if one.wanted.after == "loop" else min(one.frames, one.taken.frames), stage.fps)
            sound = one.taken.sound(lasting, loop=one.wanted.after == "loop")
            heard.append(mixing.exact(mixing.delayed(sound, samples_in(one.first, stage.fps)), samples))
    return mixing.mixed(heard, samples) if heard else None


recipe = Recipe("video.overlay", OverlayParams, make, summary="Lay logos, pictures, videos and texts over a video.")
