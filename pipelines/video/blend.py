"""`video.blend`: one picture over another by a blend mode, as image editors do it."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from pipelines.recipe import Kitchen, Made, PictureId, Recipe
from pipelines.video import mixing
from pipelines.video.canvas import Canvas, Span
from pipelines.video.composing import Cut, Stage, cut, film, opened, staged
from pipelines.video.faults import Faults, known
from pipelines.video.inputs import Fit, Source, picture, samples_in, sound

# Where the order of the two pictures matters, ffmpeg's first input stands for the upper picture in these modes...
_UPPER_FIRST = ("burn", "dodge", "linearlight", "normal", "vividlight")
# ...and for the lower one in these. In the others it does not matter.
_LOWER_FIRST = (
    *("divide", "freeze", "glow", "grainextract", "hardlight", "hardoverlay", "heat", "multiply128", "overlay", "pinlight", "reflect"),
    *("difference128", "softdifference", "softlight", "subtract"),
)
_EITHER = (
    *("addition", "addition128", "and", "average", "bleach", "darken", "difference", "exclusion", "extremity", "geometric", "grainmerge"),
    *("hardmix", "harmonic", "interpolate", "lighten", "multiply", "negation", "or", "phoenix", "screen", "stain", "xor"),
)
MODES = tuple(sorted((*_UPPER_FIRST, *_LOWER_FIRST, *_EITHER)))
ModeName = Annotated[str, AfterValidator(known("blend mode", MODES)), WithJsonSchema({"type": "string", "enum": list(MODES)})]


class BlendParams(Canvas, Span):
    """What lies above and below. start, end, seconds: the part of the lower picture that is shown."""

    base: PictureId = Field(description="the lower picture: it gives size, rate and length")
    top: PictureId = Field(description="the upper picture; where it is transparent the lower one stays as it is")
    mode: ModeName
    opacity: float = Field(default=1.0, ge=0, le=1, allow_inf_nan=False, description="of the upper picture")
    mask: PictureId | None = Field(default=None, description="white: blended, black: the lower picture alone")
    fit: Fit = Field(default="cover", description="how the upper picture and the mask are brought into the frame")
    loop: bool = Field(default=False, description="the upper video begins again at its end, instead of holding its last frame")
    sound: Literal["base", "top", "mix", "none"] = "base"


def make(params: BlendParams, kitchen: Kitchen) -> Made:
    sources = opened(params, kitchen)
    base, top = sources[params.base], sources[params.top]
    stage, faults = staged(params, base), Faults()
    taken = cut(params, base, stage.fps, "", faults)
    faults.check()
    masks = _masks(params, sources, stage, taken.frames)
    blended = blend(_rgb(taken.picture(stage)), _rgb(_above(params, top, stage, taken.frames, 1)), params.mode, params.opacity, masks)
    seen = blended.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    return film(kitchen, "blended", params.coding, stage, seen, _heard(params, taken, top, stage.fps), taken.frames, mode=params.mode)


def blend(lower: Any, upper: Any, mode: str, opacity: float = 1.0, masks: list[Any] | None = None) -> Any:
    """RGB streams (gbrp) of one size, rate and length: `lower`, changed towards its blend with `upper` by opacity and masks.

    ffmpeg's own opacity leads to its first input, which is the lower picture in only some modes: hence two filters in others.
    """
    import ffmpeg as graph

    mixes = mode in _UPPER_FIRST and mode != "normal" and opacity < 1
    copies = lower.filter_multi_output("split", 1 + mixes + bool(masks)) if mixes or masks else [lower]
    first, second = (upper, copies[0]) if mode in _UPPER_FIRST else (copies[0], upper)
    own = {} if mixes or opacity == 1 else {"all_opacity": opacity}
    made = graph.filter([first, second], "blend", all_mode=mode, **own)
    if mixes:
        made = graph.filter([made, copies[1]], "blend", all_mode="normal", all_opacity=opacity)
    if not masks:
        return made
    mask = masks[0] if len(masks) == 1 else graph.filter(masks, "blend", all_mode="multiply")
    return graph.filter([copies[-1], made, mask], "maskedmerge")


def _above(params: BlendParams, top: Source, stage: Stage, frames: int, take: int) -> Any:
    return picture(top, stage.size, stage.fps, frames=frames, fit=params.fit, alpha=top.seen.alpha, loop=params.loop, take=take)


def _masks(params: BlendParams, sources: dict[Any, Source], stage: Stage, frames: int) -> list[Any]:
    """Grey in RGB: the brightness of the mask, the opacity of the upper picture."""
    found = []
    if params.mask is not None:
        grey = picture(sources[params.mask], stage.size, stage.fps, frames=frames, fit=params.fit, loop=params.loop, take=3)
        found.append(_rgb(grey.filter("lutyuv", u=128, v=128)))
    if sources[params.top].seen.alpha:
        found.append(_above(params, sources[params.top], stage, frames, 2).filter("alphaextract").filter("format", "gbrp"))
    return found


def _rgb(stream: Any) -> Any:
    """Modes are meant for red, green and blue; in YUV they would shift the colours."""
    return stream.filter("scale", in_color_matrix="bt709").filter("format", "gbrp")


def _heard(params: BlendParams, taken: Cut, top: Source, fps: Fraction) -> Any | None:
    samples = samples_in(taken.frames, fps)
    heard = []
    if params.sound in ("base", "mix") and taken.source.sound:
        heard.append(taken.sound(samples))
    if params.sound in ("top", "mix") and top.sound:
        heard.append(sound(top, samples, loop=params.loop, take=1))
    return mixing.mixed(heard, samples) if heard else None


recipe = Recipe("video.blend", BlendParams, make, summary="Blend one picture over another by any blend mode.")
