"""A brand's colours put to use: what stands behind, what is read, what is stressed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import InvalidInput

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
INK: Colour = (17, 20, 24)
_CALM: Colour = (24, 32, 48)  # behind a brand that told no colour
_LEGIBLE = 4.5  # WCAG AA for text
_DISTINCT = 1.8  # contrast at which a coloured area stands out


@dataclass(frozen=True)
class Palette:
    background: Colour
    text: Colour  # read on the background
    accent: Colour
    accent_text: Colour  # read on the accent


def palette(colours: tuple[str, ...]) -> Palette:
    """From the brand's colours, the main one first, as `#rgb` or `#rrggbb`.

    The accent is the first further colour that stands out from the background, else the text colour.
    Raises InvalidInput for a colour in another form.
    """
    known = [parse(colour) for colour in colours]
    background = known[0] if known else _CALM
    text = readable_on(background)
    accent = next((colour for colour in known[1:] if contrast(colour, background) >= _DISTINCT), text)
    return Palette(background, text, accent, readable_on(accent))


def parse(colour: str) -> Colour:
    digits = colour.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", digits):
        raise InvalidInput(f"{colour!r} is not a colour", hint="Write colours as #rrggbb, for example #0d6efd.")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def contrast(one: Colour, other: Colour) -> float:
    """The WCAG contrast ratio, from 1 (the same) to 21 (black and white)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable_on(colour: Colour) -> Colour:
    return max(WHITE, INK, key=lambda text: contrast(text, colour))


def legible(colour: Colour, background: Colour) -> Colour:
    """The colour, mixed with white until text in it can be read on a dark background."""
    for step in range(11):
        mixed = _mix(colour, WHITE, step / 10)
        if contrast(mixed, background) >= _LEGIBLE:
            return mixed
    return WHITE


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(value / 255) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
