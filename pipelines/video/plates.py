"""What stands behind an inset picture and cuts it out: its shape, its border, its shadow; drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipelines.video.palette import Colour
from pipelines.video.stills import Size

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Shape = Literal["rectangle", "rounded", "circle"]

_FINE = 4  # drawn so many times as large, then reduced: smooth edges
_SHADOW_BLUR, _SHADOW_DROP = 0.06, 0.03  # of the inset's shorter side


@dataclass(frozen=True)
class Plate:
    """path: a PNG with alpha. size: of it. inset: where in it the inset's upper left corner belongs."""

    path: Path
    size: Size
    inset: tuple[int, int]


def outline(size: Size, shape: Shape, radius: float) -> Picture:
    """White where the shape is, black around it. radius: of rounded corners, as a share of the shorter side."""
    from PIL import Image, ImageDraw

    large = (size[0] * _FINE, size[1] * _FINE)
    drawn = Image.new("L", large)
    corners = min(large) * (0.5 if shape == "circle" else radius if shape == "rounded" else 0.0)
    ImageDraw.Draw(drawn).rounded_rectangle((0, 0, large[0] - 1, large[1] - 1), radius=corners, fill=255)
    return drawn.resize(size, Image.Resampling.LANCZOS)


def mask(size: Size, shape: Shape, radius: float, folder: Path) -> Path:
    path = folder / "shape.png"
    outline(size, shape, radius).save(path)
    return path


def shadow_room(size: Size) -> int:
    """Even pixels around an inset of `size` over which its shadow fades out."""
    return round(min(size) * _SHADOW_BLUR * 1.5) * 2


def plate(size: Size, shape: Shape, radius: float, border: int, colour: Colour, shadow: float, folder: Path) -> Plate:
    """The border of an inset of `size`, and under it a soft shadow. border: even pixels. shadow: its strength, 0 to 1."""
    from PIL import Image, ImageFilter

    outer = (size[0] + 2 * border, size[1] + 2 * border)
    # Grown outwards by the border, corners keep the same centre.
    rounding = (radius * min(size) + border) / min(outer)
    edge = outline(outer, shape, rounding)
    room = shadow_room(size) if shadow else 0
    whole = (outer[0] + 2 * room, outer[1] + 2 * room)
    drawn = Image.new("RGBA", whole, (0, 0, 0, 0) if shadow else (*colour, 0))
    if shadow:
        cast = Image.new("L", whole)
        cast.paste(edge.point(lambda value: round(value * shadow)), (room, room + round(min(size) * _SHADOW_DROP)))
        drawn.putalpha(cast.filter(ImageFilter.GaussianBlur(min(size) * _SHADOW_BLUR)))
    if border:
        framed = Image.new("RGBA", outer, (*colour, 255))
        framed.putalpha(edge)
        drawn.alpha_composite(framed, (room, room))
    path = folder / "plate.png"
    drawn.save(path)
    return Plate(path, whole, (room + border, room + border))
