"""Pictures from a prompt: a calm still life or landscape in the colours that the prompt names as #rrggbb, repeatable by seed."""

from __future__ import annotations

import colorsys
import io
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
_HEX = re.compile(r"#([0-9a-fA-F]{6})\b")
_PALETTES = (
    ("#24475b", "#e3b04b", "#d9634c"),
    ("#3f5b3a", "#f0c987", "#b4552d"),
    ("#4a3f6b", "#f2a7a0", "#f3d9a4"),
    ("#1d5c63", "#f4a259", "#bc4b51"),
)
_SCALE = 2  # drawn larger, then made smaller, for smooth edges


@dataclass(frozen=True)
class Picture:
    prompt: str
    width: int  # pixels
    height: int
    seed: int


@dataclass(frozen=True)
class Palette:
    ground: Colour  # light
    main: Colour
    accent: Colour
    deep: Colour  # dark


class Canvas:
    """Draws in shares of the picture: (0, 0) top left, (1, 1) bottom right; lengths are shares of the shorter side."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.image = Image.new("RGB", (width * _SCALE, height * _SCALE), ground)
        self.unit = min(self.image.size)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return x * self.image.width, y * self.image.height

    def gradient(self, top: Colour, bottom: Colour, start: float = 0.0, end: float = 1.0) -> None:
        first, last = int(start * self.image.height), int(end * self.image.height)
        column = Image.new("RGB", (1, max(1, last - first)))
        for y in range(column.height):
            column.putpixel((0, y), mix(top, bottom, y / column.height))
        self.image.paste(column.resize((self.image.width, column.height)), (0, first))

    def disc(self, x: float, y: float, radius: float, colour: Colour, squash: float = 1.0) -> None:
        cx, cy = self.at(x, y)
        r = radius * self.unit
        ImageDraw.Draw(self.image).ellipse([cx - r, cy - r * squash, cx + r, cy + r * squash], fill=colour)

    def shape(self, x: float, y: float, points: list[tuple[float, float]], colour: Colour) -> None:
        """Polygon around (x, y)."""
        cx, cy = self.at(x, y)
        ImageDraw.Draw(self.image).polygon([(cx + px * self.unit, cy + py * self.unit) for px, py in points], fill=colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, radius: float = 0.0) -> None:
        """Standing on (x, y), the middle of its lower edge."""
        cx, cy = self.at(x, y)
        w, h = width * self.unit, height * self.unit
        ImageDraw.Draw(self.image).rounded_rectangle([cx - w / 2, cy - h, cx + w / 2, cy], radius * self.unit, fill=colour)

    def line(self, points: list[tuple[float, float]], colour: Colour, thickness: float) -> None:
        ImageDraw.Draw(self.image).line([self.at(x, y) for x, y in points], colour, max(1, int(thickness * self.unit)), joint="curve")

    def soft(self, x: float, y: float, radius: float, colour: Colour, strength: float, squash: float = 1.0) -> None:
        """A blurred spot: light or shadow."""
        r = radius * self.unit / 8  # blurred small, then enlarged
        half_width, half_height = r * 2.2, max(r * squash, r * 0.4) * 2.2
        mask = Image.new("L", (int(half_width * 2) + 1, int(half_height * 2) + 1), 0)
        outline = [half_width - r, half_height - r * squash, half_width + r, half_height + r * squash]
        ImageDraw.Draw(mask).ellipse(outline, fill=int(255 * strength))
        blurred = mask.filter(ImageFilter.GaussianBlur(max(2, r * 0.4))).resize(
            (mask.width * 8, mask.height * 8), Image.Resampling.BILINEAR
        )
        cx, cy = self.at(x, y)
        self.image.paste(colour, (int(cx - blurred.width / 2), int(cy - blurred.height / 2)), blurred)

    def over(self, y: float, length: float) -> float:
        """The height that lies `length` above y."""
        return y - length * self.unit / self.image.height

    def beside(self, x: float, length: float) -> float:
        """The place that lies `length` right of x."""
        return x + length * self.unit / self.image.width

    def finished(self, seed: int) -> Image.Image:
        """In the asked size, with a little grain."""
        size = (self.image.width // _SCALE, self.image.height // _SCALE)
        small = self.image.resize(size, Image.Resampling.LANCZOS)
        dice = random.Random(seed)
        tile = Image.frombytes("L", (128, 128), bytes(118 + dice.randrange(20) for _ in range(128 * 128)))
        grain = Image.new("L", size)
        for left in range(0, size[0], 128):
            for top in range(0, size[1], 128):
                grain.paste(tile, (left, top))
        return ImageChops.soft_light(small, Image.merge("RGB", (grain,) * 3))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def palette(prompt: str, seed: int) -> Palette:
    """The prompt's colours by their lightness; one of four palettes where it names none."""
    named = _HEX.findall(prompt) or [c.lstrip("#") for c in random.Random(seed).choice(_PALETTES)]
    colours = [(int(h[0:2], 16), int(h[2:4], 16), int(h[4:6], 16)) for h in dict.fromkeys(named)][:5]

    def lightness(colour: Colour) -> float:
        return colorsys.rgb_to_hls(*(part / 255 for part in colour))[1]

    tinted = [c for c in colours if 0.12 < lightness(c) < 0.88] or colours
    main = tinted[0]
    accent = next((c for c in tinted[1:] if c != main), mix(main, (255, 205, 120), 0.65))
    light = max(colours, key=lightness)
    ground = light if lightness(light) > 0.82 else mix(light, (255, 250, 242), 0.84)
    return Palette(ground, main, accent, mix(min(colours, key=lightness), (18, 20, 24), 0.45))


def draw(picture: Picture, image_format: str) -> bytes:
    """Encoded as `jpeg`, `png` or `webp`."""
    dice = random.Random(f"{picture.prompt}:{picture.seed}")
    colours = palette(picture.prompt, picture.seed)
    canvas = Canvas(picture.width, picture.height, colours.ground)
    _scene(picture.prompt)(canvas, colours, dice, picture.prompt.lower())
    target = io.BytesIO()
    options = {"jpeg": {"quality": 90}, "png": {}, "webp": {"quality": 88}}[image_format]
    canvas.finished(picture.seed).save(target, image_format.upper(), **options)
    return target.getvalue()


def _scene(prompt: str) -> Callable[[Canvas, Palette, random.Random, str], None]:
    lowered = prompt.lower()
    if "from above" in lowered or "bench" in lowered:
        return _from_above
    if "landscape" in lowered or "outdoor" in lowered or "hills" in lowered:
        return _landscape
    return _still_life


def _still_life(canvas: Canvas, colours: Palette, dice: random.Random, prompt: str) -> None:
    table = dice.uniform(0.70, 0.78)
    size = 1.5 if "close-up" in prompt else 0.75 if "wide" in prompt else 1.0
    canvas.gradient(mix(colours.ground, colours.main, 0.08), mix(colours.ground, colours.accent, 0.28))
    canvas.disc(dice.uniform(0.25, 0.75), table - 0.30, 0.26 * size, mix(colours.ground, colours.accent, 0.6))
    canvas.gradient(mix(colours.main, colours.deep, 0.15), colours.deep, table, 1.0)
    canvas.soft(dice.uniform(0.3, 0.7), 0.2, 0.5, (255, 246, 224), 0.35)
    subject = _SUBJECTS[next((key for key in _SUBJECTS if re.search(key, prompt)), "vessel")]
    x = dice.uniform(0.40, 0.60)
    canvas.soft(x + 0.04, table + 0.05, 0.22 * size, colours.deep, 0.6, squash=0.25)
    _companions(canvas, colours, dice, table, x, size)
    subject(canvas, colours, x, table + 0.045, size)


def _companions(canvas: Canvas, colours: Palette, dice: random.Random, table: float, x: float, size: float) -> None:
    """Two quiet things beside the subject."""
    for side in (-1, 1):
        place = x + side * dice.uniform(0.22, 0.30) * size
        height, tint = dice.uniform(0.08, 0.17) * size, mix(colours.ground, colours.main, dice.uniform(0.3, 0.6))
        if dice.random() < 0.5:
            canvas.box(place, table + 0.02, height * 0.7, height, tint, 0.02)
        else:
            canvas.disc(place, table + 0.02 - height * 0.3, height * 0.42, tint)


def _lamp(canvas: Canvas, colours: Palette, x: float, y: float, size: float) -> None:
    ratio = canvas.image.width / canvas.image.height
    wide, tall = 0.30 * size / max(1.0, ratio), 0.36 * size / max(1.0, 1 / ratio)
    canvas.soft(x + wide * 0.75, y - tall * 0.45, 0.26 * size, (255, 228, 160), 0.75)
    canvas.line([(x, y), (x - wide * 0.25, y - tall), (x + wide * 0.6, y - tall * 1.15)], colours.main, 0.018 * size)
    canvas.disc(x, y, 0.10 * size, colours.main, 0.22)
    canvas.disc(x - wide * 0.25, y - tall, 0.02 * size, colours.accent)
    for outline, colour in ((_SHADE, colours.main), (_RIM, colours.accent)):
        canvas.shape(x + wide * 0.6, y - tall * 1.15, [(across * size, down * size) for across, down in outline], colour)


_SHADE = [(-0.04, -0.02), (0.05, -0.06), (0.16, 0.07), (0.02, 0.15)]
_RIM = [(0.16, 0.07), (0.02, 0.15), (0.025, 0.165), (0.17, 0.08)]


def _book(canvas: Canvas, colours: Palette, x: float, y: float, size: float) -> None:
    for number, colour in enumerate((mix(colours.ground, colours.main, 0.6), colours.accent, mix(colours.ground, colours.main, 0.25))):
        place = canvas.beside(x, (number % 2) * 0.015)
        canvas.box(place, canvas.over(y, number * 0.055 * size), (0.42 - number * 0.05) * size, 0.055 * size, colour, 0.01)


def _cup(canvas: Canvas, colours: Palette, x: float, y: float, size: float) -> None:
    ear = canvas.beside(x, 0.12 * size), canvas.over(y, 0.10 * size)
    canvas.disc(*ear, 0.06 * size, colours.main)
    canvas.disc(*ear, 0.035 * size, mix(colours.ground, colours.accent, 0.5))
    canvas.box(x, y, 0.24 * size, 0.20 * size, colours.main, 0.05 * size)
    canvas.soft(x, canvas.over(y, 0.28 * size), 0.07 * size, (255, 255, 255), 0.35, squash=1.6)


def _screen(canvas: Canvas, colours: Palette, x: float, y: float, size: float) -> None:
    canvas.box(x, y, 0.16 * size, 0.02 * size, colours.accent, 0.005)
    canvas.box(x, y, 0.03 * size, 0.10 * size, colours.accent)
    canvas.box(x, canvas.over(y, 0.08 * size), 0.52 * size, 0.34 * size, mix(colours.main, colours.deep, 0.4), 0.02)
    canvas.box(x, canvas.over(y, 0.10 * size), 0.48 * size, 0.30 * size, mix(colours.ground, colours.accent, 0.2), 0.01)
    for row in range(5):
        length = (0.30 - 0.05 * (row % 3)) * size
        left = canvas.beside(x, length / 2 - 0.2 * size)
        canvas.box(
            left, canvas.over(y, (0.14 + row * 0.05) * size), length, 0.018 * size, mix(colours.main, colours.ground, 0.15 * row), 0.008
        )


_VESSEL = [(0.09, 0.0), (0.14, -0.16), (0.10, -0.28), (0.045, -0.33), (0.05, -0.42)]
_BAND = [(0.137, -0.15), (0.128, -0.19)]


def _vessel(canvas: Canvas, colours: Palette, x: float, y: float, size: float) -> None:
    for half, colour in ((_VESSEL, colours.main), (_BAND, colours.accent)):
        outline = [*half, *((-across, up) for across, up in reversed(half))]
        canvas.shape(x, y, [(across * size, up * size) for across, up in outline], colour)


_SUBJECTS: dict[str, Callable[[Canvas, Palette, float, float, float], None]] = {
    r"\blamps?\b|lantern": _lamp,
    r"book|manual|guide|document|page|read": _book,
    r"coffee|tea\b|cup|drink|soup": _cup,
    r"software|app\b|code|module|library|screen|computer|python|data": _screen,
    "vessel": _vessel,
}


def _from_above(canvas: Canvas, colours: Palette, dice: random.Random, _prompt: str) -> None:
    """Things laid out in order on a surface."""
    canvas.gradient(mix(colours.main, colours.ground, 0.1), mix(colours.main, colours.deep, 0.35))
    columns, rows = (4, 3) if canvas.image.width >= canvas.image.height else (3, 4)
    for n in range(columns * rows):
        x, y = (n % columns + 0.5) / columns, (n // columns + 0.5) / rows
        size, colour = dice.uniform(0.05, 0.085), dice.choice((colours.ground, colours.accent, mix(colours.ground, colours.main, 0.4)))
        canvas.soft(x + 0.012, y + 0.018, size * 1.25, colours.deep, 0.45)
        kind = dice.randrange(3)
        if kind == 0:
            canvas.disc(x, y, size, colour)
            canvas.disc(x, y, size * 0.45, mix(colour, colours.deep, 0.25))
        elif kind == 1:
            canvas.box(x, y + size, size * 1.9, size * 1.9, colour, 0.015)
        else:
            canvas.box(x, y + size * 1.3, size * 0.5, size * 2.6, colour, size * 0.25)


def _landscape(canvas: Canvas, colours: Palette, dice: random.Random, _prompt: str) -> None:
    canvas.gradient(mix(colours.ground, colours.accent, 0.1), mix(colours.ground, colours.accent, 0.45))
    canvas.disc(dice.uniform(0.3, 0.7), 0.32, 0.13, colours.accent)
    for layer in range(4):
        base, sway = 0.52 + layer * 0.12, dice.uniform(0.03, 0.08)
        ridge = [(n / 12, base + sway * dice.uniform(-1, 1)) for n in range(13)]
        points = [canvas.at(x, y) for x, y in [(0, 1), *ridge, (1, 1)]]
        ImageDraw.Draw(canvas.image).polygon(points, fill=mix(mix(colours.ground, colours.main, 0.5), colours.deep, layer / 4))
