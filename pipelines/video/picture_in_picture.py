"""`video.picture_in_picture`: a small picture in a large one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from core.params import Params
from pipelines.recipe import Kitchen, Made, PictureId, Recipe
from pipelines.video import laying, mixing, palette, plates
from pipelines.video.canvas import Canvas, HexColour, Loudness, Second, Span
from pipelines.video.composing import Cut, Stage, cut, film, opened, staged
from pipelines.video.faults import Faults
from pipelines.video.inputs import Fit, even, examine, frame_at, frames_in, picture, samples_in
from pipelines.video.layouts import Box
from pipelines.video.placing import Anchor, outside, place, usual_margin
from pipelines.video.stills import Size

_LEAST = 16  # pixels a side of the inset

EvenPixels = Annotated[int, Field(ge=0, le=2000, multiple_of=2)]


class Inset(Span):
    """The small picture."""

    file: PictureId
    fit: Fit = Field(default="cover", description="how it is brought into its shape")
    volume: Loudness = Field(default=1.0, description="1 as it is, 0 silent")


class Movement(Params):
    """It goes to another place, gently at both ends."""

    to: Anchor
    at: Second = Field(description="second of the film at which it sets off")
    seconds: float = Field(default=1.0, gt=0, le=3600, allow_inf_nan=False)


class PictureInPictureParams(Canvas, Span):
    """A large picture, a small one, and how the small one is shown. start, end, seconds: the part of the large one that is used."""

    main: PictureId = Field(description="the large picture: it gives size, rate and length")
    inset: Inset
    corner: Anchor = "bottom_right"
    margin: EvenPixels | None = Field(default=None, description="pixels to the frame's sides; 4 % of the shorter side if not given")
    share: float = Field(default=0.3, gt=0, le=1, allow_inf_nan=False, description="width of the small picture as a share of the frame's")
    shape: plates.Shape = "rectangle"
    radius: float = Field(default=0.12, ge=0, le=0.5, description="of rounded corners, as a share of the shorter side")
    border: Annotated[int, Field(ge=0, le=100, multiple_of=2)] = Field(default=0, description="pixels, even")
    border_colour: HexColour = "#ffffff"
    shadow: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False, description="strength of the shadow under it")
    move: Movement | None = None
    at: Second = Field(default=0.0, description="second of the film at which the small picture appears")
    fade: float = Field(default=0.0, ge=0, le=10, allow_inf_nan=False, description="seconds to come in and to go")
    after: Literal["hide", "hold"] = Field(default="hide", description="what the small picture does that ends before the large one")
    sound: Literal["main", "inset", "mix", "duck", "none"] = Field(
        default="duck", description="duck: both, the large picture's sound steps back while the small one's is heard"
    )
    duck_by: float = Field(default=14.0, ge=1, le=60, allow_inf_nan=False, description="decibels by which it steps back")


@dataclass(frozen=True)
class _Shown:
    """The small picture in the film: what, when, and where it is before and after its movement. Boxes hold the border too."""

    taken: Cut
    first: int
    frames: int
    fade: int
    before: Box
    after: Box


def make(params: PictureInPictureParams, kitchen: Kitchen) -> Made:
    sources = opened(params, kitchen)
    main, small = sources[params.main], sources[params.inset.file]
    stage, faults = staged(params, main), Faults()
    taken = cut(params.inset, small, stage.fps, "/inset", faults, fit=params.inset.fit, volume=params.inset.volume, take=1)
    below = cut(params, main, stage.fps, "", faults)
    if main.seen.still and params.seconds is None:
        below = replace(below, frames=frame_at(params.at, stage.fps) + taken.frames)
    shown = _shown(params, taken, stage, below.frames, faults)
    faults.check()
    seen = _laid(below.picture(stage), _inset(params, shown, stage, kitchen), params, shown, stage)
    box = shown.before
    told = {"left": box.left, "top": box.top, "width": box.width, "height": box.height}
    return film(kitchen, "picture-in-picture", params.coding, stage, seen, _heard(params, below, shown, stage), below.frames, inset=told)


def _shown(params: PictureInPictureParams, taken: Cut, stage: Stage, frames: int, faults: Faults) -> _Shown:
    first = frame_at(params.at, stage.fps)
    if first >= frames:
        faults.add("/at", f"{params.at:g} s is at or after the end of the film, which lasts {float(frames / stage.fps):.3f} s")
    length = frames - first if params.after == "hold" or taken.source.seen.still else min(taken.frames, frames - first)
    before = _box(params, taken, stage, params.corner, "/share", faults)
    after = _box(params, taken, stage, params.move.to, "/move/to", faults) if params.move else before
    if params.move and params.move.at > float(frames / stage.fps):
        faults.add("/move/at", f"{params.move.at:g} s is after the end of the film, which lasts {float(frames / stage.fps):.3f} s")
    fade = min(frame_at(params.fade, stage.fps), max(0, length) // 2)
    return _Shown(taken, first, length, fade, before, after)


def _box(params: PictureInPictureParams, taken: Cut, stage: Stage, corner: Anchor, pointer: str, faults: Faults) -> Box:
    width = params.share * stage.size[0]
    own = taken.source.seen.size
    size = even((width, width if params.shape == "circle" else width * own[1] / own[0]))
    margin = usual_margin(stage.size) if params.margin is None else params.margin
    box = place((size[0] + 2 * params.border, size[1] + 2 * params.border), stage.size, corner, (margin, margin))
    if min(size) < _LEAST:
        faults.add(pointer, f"makes a picture of {size[0]} x {size[1]} pixels; the least is {_LEAST} a side")
    elif told := outside(box, stage.size):
        faults.add(pointer, f"the small picture {told}")
    return box


def _inset(params: PictureInPictureParams, shown: _Shown, stage: Stage, kitchen: Kitchen) -> Any:
    """The small picture in its shape, on its plate if it has one, for as long as it is seen."""
    import ffmpeg as graph

    size = _inside(params, shown.before)
    cut_out = params.shape != "rectangle"
    seen = _held(shown, replace(stage, alpha=False), size)
    if cut_out:
        path = plates.mask(size, params.shape, params.radius, kitchen.folder)
        seen = graph.filter([seen, graph.input(str(path.absolute()), f="png_pipe").filter("format", "gray")], "alphamerge")
    plate = _plate(params, size, kitchen)
    if plate:
        behind = picture(examine(plate.path, kitchen.folder), plate.size, stage.fps, frames=shown.frames, fit="stretch", alpha=True)
        seen = behind.overlay(seen, x=plate.inset[0], y=plate.inset[1], format="yuv420")
    return seen if cut_out or plate or not shown.fade else seen.filter("format", "yuva420p")


def _inside(params: PictureInPictureParams, box: Box) -> Size:
    """Of a box with its border, the picture's own size."""
    return box.width - 2 * params.border, box.height - 2 * params.border


def _held(shown: _Shown, stage: Stage, size: Size) -> Any:
    taken = shown.taken
    if taken.source.seen.still:
        return replace(taken, frames=shown.frames).picture(stage, size)
    seen = replace(taken, frames=min(taken.frames, shown.frames)).picture(stage, size)
    return seen.filter("tpad", stop=shown.frames - taken.frames, stop_mode="clone") if shown.frames > taken.frames else seen


def _plate(params: PictureInPictureParams, size: Size, kitchen: Kitchen) -> plates.Plate | None:
    if not (params.border or params.shadow):
        return None
    colour = palette.parse(params.border_colour)
    return plates.plate(size, params.shape, params.radius, params.border, colour, params.shadow, kitchen.folder)


def _laid(below: Any, layer: Any, params: PictureInPictureParams, shown: _Shown, stage: Stage) -> Any:
    room = plates.shadow_room(_inside(params, shown.before)) if params.shadow else 0
    first, lasting = (frame_at(params.move.at, stage.fps), frames_in(params.move.seconds, stage.fps)) if params.move else (0, 0)
    left = laying.moving(shown.before.left - room, shown.after.left - room, first, lasting)
    top = laying.moving(shown.before.top - room, shown.after.top - room, first, lasting)
    faded = laying.appearing(layer, shown.frames, (shown.fade, shown.fade))
    return laying.lay(below, faded, left, top, first=shown.first, fps=stage.fps)


def _heard(params: PictureInPictureParams, below: Cut, shown: _Shown, stage: Stage) -> Any | None:
    samples = samples_in(below.frames, stage.fps)
    low = below.sound(samples) if below.source.sound and params.sound not in ("inset", "none") else None
    high = None
    if shown.taken.source.sound and params.sound not in ("main", "none"):
        lasting = samples_in(min(shown.taken.frames, shown.frames), stage.fps)
        high = mixing.exact(mixing.delayed(shown.taken.sound(lasting), samples_in(shown.first, stage.fps)), samples)
    if low is not None and high is not None and params.sound == "duck":
        return mixing.ducked(low, high, params.duck_by, samples)
    heard = [sound for sound in (low, high) if sound is not None]
    return mixing.mixed(heard, samples) if heard else None


recipe = Recipe("video.picture_in_picture", PictureInPictureParams, make, summary="Show a small video inside a large one.")
