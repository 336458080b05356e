"""The typeface of burnt text: what it can draw, how wide a text is, how it breaks into lines."""

from __future__ import annotations

import importlib.util
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotConfigured

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FAMILY = "DejaVu Sans"
_FILE = "DejaVuSans-Bold.ttf"
_MEASURED_AT = 200  # pixels an em; large enough that rounding to whole pixels does not matter
_EMOJI_FROM = 0x1F000
_JOINERS = "\ufe0e\ufe0f\u200d\u20e3"  # with the emoji they belong to gone, these would show as boxes
_SMALLEST = 0.5  # how far a text is shrunk before words are cut off


@dataclass(frozen=True)
class Fitted:
    lines: tuple[str, ...]
    size: float  # pixels an em
    width: float  # of the widest line

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * line_height()


@cache
def font_file() -> Path:
    """DejaVu Sans Bold as matplotlib ships it: Latin, Greek, Cyrillic, Arabic, Hebrew and more, free to embed."""
    found = importlib.util.find_spec("matplotlib")  # finds without importing, which would take a second
    path = Path(found.origin).parent / "mpl-data/fonts/ttf" / _FILE if found and found.origin else None
    if path is None or not path.is_file():
        raise NotConfigured(f"The font {_FILE} is missing", hint="Install matplotlib; its package brings the font.")
    return path


def cleaned(text: str) -> str:
    """One line without control characters and emoji: a colour font is not packaged, and boxes would stand for them."""
    kept: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if (ord(letter) >= _EMOJI_FROM and category in ("So", "Sk", "Cn", "Cf")) or letter in _JOINERS or category in ("Cc", "Cs", "Co"):
            letter = " " if category == "Cc" else ""  # noqa: PLW2901
        kept.append(letter)
    return " ".join("".join(kept).split())


def missing_letters(text: str) -> str:
    """The letters that the packaged font cannot draw, each once. A font of the system may stand in for them."""
    absent = bytes(_font().getmask("\uffff"))
    return "".join(
        letter for letter in sorted(set(text)) if unicodedata.category(letter)[0] in "LNPS" and bytes(_font().getmask(letter)) == absent
    )


def width(text: str, size: float) -> float:
    """Pixels. Letters that another font will draw count as a full em where they are wide (CJK)."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    narrow = "".join(letter for letter in text if unicodedata.east_asian_width(letter) not in "WF")
    return float(_font().getlength(narrow)) * size / _MEASURED_AT + wide * size


def line_height() -> float:
    """Ascent and descent together, in ems. It is also what an ASS font size counts."""
    ascent, descent = _font().getmetrics()
    return (ascent + descent) / _MEASURED_AT


def wrap(words: list[str], limit: float, size: float) -> list[list[int]]:
    """The words' indices, line by line, as many words to a line as fit in `limit` pixels."""
    lines: list[list[int]] = []
    for index, word in enumerate(words):
        if lines and width(" ".join([*(words[i] for i in lines[-1]), word]), size) <= limit:
            lines[-1].append(index)
        else:
            lines.append([index])
    return lines


def balanced(words: list[str], limit: float, size: float) -> list[list[int]]:
    """As `wrap`, in no more lines but in lines of about the same width, so that no word is left alone."""
    lines = wrap(words, limit, size)
    for tenths in range(5, 10):
        narrower = wrap(words, limit * tenths / 10, size)
        if len(narrower) == len(lines):
            return narrower
    return lines


def fit(text: str, limit: float, size: float, most_lines: int) -> Fitted:
    """The text at `size`, or smaller, in at most `most_lines` lines of `limit` pixels; cut with an ellipsis as a last resort."""
    words = text.split()
    current = size
    while True:
        lines = [" ".join(words[index] for index in line) for line in balanced(words, limit, current)]
        widest = max((width(line, current) for line in lines), default=0.0)
        if len(lines) <= most_lines and widest <= limit:
            return Fitted(tuple(lines), current, widest)
        if current <= size * _SMALLEST:
            short = tuple(_shortened(line, limit, current, index + 1 < len(lines)) for index, line in enumerate(lines[:most_lines]))
            return Fitted(short, current, max(width(line, current) for line in short))
        current = max(current * 0.94, size * _SMALLEST)


def _shortened(line: str, limit: float, size: float, more_follows: bool) -> str:
    if width(line, size) <= limit and not more_follows:
        return line
    while line and width(line + "…", size) > limit:
        line = line[:-1]
    return line.rstrip() + "…"


@cache
def _font() -> FreeTypeFont:
    from PIL import ImageFont

    # The basic layout is there on every machine; shaping for display is left to libass.
    return ImageFont.truetype(str(font_file()), _MEASURED_AT, layout_engine=ImageFont.Layout.BASIC)
