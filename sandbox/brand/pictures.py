"""The pictures of the site, drawn: a lamp on a table, the workshop, the logo as PNG."""

from __future__ import annotations

import functools
import io
import math

from PIL import Image, ImageDraw, ImageFilter

MOSS, AMBER, CREAM, INK, CLAY = (31, 77, 58), (232, 163, 61), (247, 241, 227), (34, 37, 43), (200, 85, 61)
SIZE = (960, 720)
_SCALE = 2  # drawn larger, then made smaller, for smooth edges

# Foot, elbow, shade (as shares of the picture), angle of the shade in degrees, scale of the shade, colour.
_SHAPES = {
    "heron": ((0.36, 0.80), (0.30, 0.38), (0.62, 0.30), 35, 1.0, MOSS),
    "wren": ((0.52, 0.80), (0.50, 0.60), (0.60, 0.50), 30, 0.7, CLAY),
    "bittern": ((0.34, 0.86), (0.34, 0.14), (0.52, 0.20), 20, 0.9, MOSS),
    "plover": ((0.44, 0.80), (0.40, 0.58), (0.62, 0.56), 10, 0.8, INK),
}
NAMES = (*_SHAPES, "workshop")


def _blend(one: tuple[int, ...], other: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


@functools.cache
def picture(name: str) -> bytes:
    """PNG of 960 x 720. Raises KeyError for a name that is not in NAMES."""
    width, height = SIZE[0] * _SCALE, SIZE[1] * _SCALE
    image = Image.new("RGB", (width, height), CREAM)
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line([(0, y), (width, y)], fill=_blend(CREAM, (238, 222, 190), y / height))
    draw.rectangle([0, int(height * 0.80), width, height], fill=_blend(MOSS, INK, 0.35))
    if name == "workshop":
        for number, key in enumerate(_SHAPES):
            _lamp(image, key, shift=(number - 1.6) * 0.21, size=0.7)
    else:
        _lamp(image, name, shift=0.0, size=1.0)
    return _png(image.resize(SIZE, Image.Resampling.LANCZOS))


def _lamp(image: Image.Image, name: str, *, shift: float, size: float) -> None:
    foot, elbow, shade, angle, scale, colour = _SHAPES[name]
    width, height = image.size

    def at(point: tuple[float, float]) -> tuple[float, float]:
        x, y = 0.5 + (point[0] - 0.48) * size + shift, 0.80 + (point[1] - 0.80) * size
        return x * width, y * height

    _glow(image, at(shade), angle, size)
    draw = ImageDraw.Draw(image)
    thick = int(18 * size * _SCALE / 1.4)
    draw.line([at(foot), at(elbow), at(shade)], fill=colour, width=thick, joint="curve")
    for point in (elbow, shade):
        x, y = at(point)
        draw.ellipse([x - thick, y - thick, x + thick, y + thick], fill=AMBER)
    x, y = at(foot)
    draw.ellipse([x - 0.09 * size * width, y - 0.02 * height, x + 0.09 * size * width, y + 0.02 * height], fill=colour)
    _shade(draw, at(shade), angle, scale * size * width, colour)


def _shade(draw: ImageDraw.ImageDraw, top: tuple[float, float], angle: float, unit: float, colour: tuple[int, ...]) -> None:
    turn = math.radians(angle)

    def corner(along: float, across: float) -> tuple[float, float]:
        return (
            top[0] + unit * (along * math.sin(turn) + across * math.cos(turn)),
            top[1] + unit * (along * math.cos(turn) - across * math.sin(turn)),
        )

    draw.polygon([corner(-0.02, -0.03), corner(-0.02, 0.03), corner(0.11, 0.11), corner(0.11, -0.11)], fill=colour)
    draw.line([corner(0.11, -0.105), corner(0.11, 0.105)], fill=AMBER, width=int(unit * 0.012))


def _glow(image: Image.Image, top: tuple[float, float], angle: float, size: float) -> None:
    """Warm light below the shade, soft at its edges."""
    width, height = image.size
    mask = Image.new("L", (width // 8, height // 8), 0)
    x, y = top[0] / 8, top[1] / 8
    lean, reach = math.tan(math.radians(angle)) * 40 * size, height / 8 * 0.82
    ImageDraw.Draw(mask).polygon([(x - 8, y + 10), (x + 8, y + 10), (x + lean + 55 * size, reach), (x + lean - 45 * size, reach)], fill=150)
    soft = mask.filter(ImageFilter.GaussianBlur(9)).resize(image.size, Image.Resampling.BICUBIC)
    image.paste(Image.new("RGB", image.size, (255, 226, 158)), (0, 0), soft)


@functools.cache
def logo() -> bytes:
    """The mark alone, PNG of 256 x 256 on transparent ground."""
    image = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.line([(90, 460), (330, 460)], fill=MOSS, width=36)
    draw.line([(210, 460), (210, 280), (350, 150)], fill=MOSS, width=36, joint="curve")
    draw.polygon([(280, 80), (440, 190), (400, 252), (230, 140)], fill=MOSS)
    draw.ellipse([350, 226, 434, 310], fill=AMBER)
    return _png(image.resize((256, 256), Image.Resampling.LANCZOS))


def _png(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
