"""What `video.overlay` lays over a film, as it is seen: drawn, turned, repeated, held and faded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.recipe import Kitchen
from pipelines.video import laying
from pipelines.video.composing import Cut, Stage
from pipelines.video.inputs import frame_at, picture
from pipelines.video.layouts import Box
from pipelines.video.stills import Size
from pipelines.video.wording import Worded, drawn

if TYPE_CHECKING:
    from pipelines.video.overlay import Overlay


@dataclass(frozen=True)
class Laid:
    """An overlay in whole pixels and frames. size: before it is turned or repeated. box: where it is seen."""

    number: int
    wanted: Overlay
    taken: Cut | None
    worded: Worded | None
    size: Size
    box: Box
    first: int
    frames: int

    @property
    def still(self) -> bool:
        return self.taken is None or self.taken.source.seen.still


def turned(size: Size, angle: float) -> Size:
    """The even box that holds a picture of `size` turned by `angle` degrees."""
    if not angle % 180:
        return size
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    width, height = size[0] * cosine + size[1] * sine, size[0] * sine + size[1] * cosine
    return math.ceil(width / 2 - 0.01) * 2, math.ceil(height / 2 - 0.01) * 2


def drawn_layer(laid: Laid, stage: Stage, kitchen: Kitchen) -> Any:
    """The overlay as it is seen, for as many frames; still ones are made once and held."""
    overlay = laid.wanted
    clear = overlay.opacity < 1 or overlay.angle != 0 or overlay.fade_in > 0 or overlay.fade_out > 0 or overlay.tile
    layer = laying.transparent(_drawn(laid, stage, kitchen, clear), overlay.opacity)
    if overlay.angle:
        layer = _rotated(layer, laid)
    if overlay.tile:
        layer = _repeated(layer, laid, stage)
    if laid.still and laid.frames > 1:
        layer = layer.filter("tpad", stop=laid.frames - 1, stop_mode="clone")
    return laying.appearing(layer, laid.frames, (frame_at(overlay.fade_in, stage.fps), frame_at(overlay.fade_out, stage.fps)))


def _drawn(laid: Laid, stage: Stage, kitchen: Kitchen, clear: bool) -> Any:
    if laid.worded is not None and laid.wanted.text is not None:
        return drawn(laid.wanted.text, laid.worded, stage.fps, kitchen.folder / f"text-{laid.number}", laid.number)
    taken = laid.taken
    assert taken is not None
    loop = laid.wanted.after == "loop" and not laid.still
    frames = 1 if laid.still else laid.frames if loop else min(laid.frames, taken.frames)
    alpha = clear or taken.source.seen.alpha
    seen = picture(
        taken.source, laid.size, stage.fps, frames=frames, start=taken.start, fit="stretch", alpha=alpha, loop=loop, take=taken.take
    )
    held = 0 if laid.still else laid.frames - frames
    return seen.filter("tpad", stop=held, stop_mode="clone") if held else seen


def _rotated(layer: Any, laid: Laid) -> Any:
    width, height = turned(laid.size, laid.wanted.angle)
    return layer.filter("rotate", f"{math.radians(laid.wanted.angle):.6f}", ow=width, oh=height, c="black@0")


def tiles(laid: Laid, frame: Size) -> tuple[int, int]:
    """Columns and rows that cover the frame."""
    width, height = turned(laid.size, laid.wanted.angle)
    gap = _gap(laid)
    return math.ceil((frame[0] + gap) / (width + gap)), math.ceil((frame[1] + gap) / (height + gap))


def _gap(laid: Laid) -> int:
    return min(1024, round(laid.size[1] * laid.wanted.gap / 2) * 2)


def _repeated(layer: Any, laid: Laid, stage: Stage) -> Any:
    columns, rows = tiles(laid, stage.size)
    copies = layer.filter("loop", loop=columns * rows - 1, size=1)
    sheet = copies.filter("tile", f"{columns}x{rows}", padding=_gap(laid), color="black@0").filter("crop", *stage.size, 0, 0)
    return sheet.filter("settb", f"1/({stage.fps})").filter("setpts", "N").filter("fps", str(stage.fps)).filter("trim", end_frame=1)
