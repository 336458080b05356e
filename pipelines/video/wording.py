"""A text as a picture of its own, with transparency: set by libass, so that every script is shaped as it should be."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import Field

from core.params import Params
from pipelines.video import burning, lettering, palette, subtitles
from pipelines.video.canvas import HexColour
from pipelines.video.framing import UNDER_TEXTS, even, ground
from pipelines.video.stills import Size

_INSIDE = 0.45  # of the letters' size: room inside the panel
_RIM = 0.07  # of the letters' size
_SHOWN_AT = (0.0, 3600.0)  # the one frame that is drawn is at 0


class Wording(Params):
    """What is written, and how."""

    text: str = Field(min_length=1, max_length=500, description="line breaks are kept; longer lines are wrapped")
    size: float = Field(
        default=0.06, ge=0.01, le=0.5, allow_inf_nan=False, description="of the letters, as a share of the frame's shorter side"
    )
    colour: HexColour = "#ffffff"
    panel: HexColour | None = Field(default=None, description="colour behind the text")
    panel_opacity: float = Field(default=0.7, ge=0, le=1, allow_inf_nan=False)
    rim: bool = Field(default=False, description="a thin dark line around the letters")
    wrap: float = Field(default=0.8, gt=0, le=1, allow_inf_nan=False, description="longest line, as a share of the frame's width")


@dataclass(frozen=True)
class Worded:
    """A text set in lines. size: of the whole picture, panel included."""

    lines: tuple[str, ...]
    letters: float  # pixels an em
    size: Size


def undrawable(text: str) -> str:
    """The letters that cannot be drawn, emoji among them, each once."""
    lost = "".join(
        letter for letter in dict.fromkeys(text) if not letter.isspace() and letter.isprintable() and not lettering.cleaned(letter)
    )
    return lost + lettering.missing_letters(lettering.cleaned(text))


def set_in_lines(wording: Wording, frame: Size) -> Worded:
    letters = wording.size * min(frame)
    inside = letters * (_INSIDE if wording.panel else _RIM)
    lines: list[str] = []
    for paragraph in wording.text.splitlines():
        words = lettering.cleaned(paragraph).split()
        lines += [" ".join(words[index] for index in line) for line in lettering.balanced(words, wording.wrap * frame[0], letters)]
    width = max((lettering.width(line, letters) for line in lines), default=0.0)
    height = len(lines) * letters * lettering.line_height()
    return Worded(tuple(lines), letters, even((width + 2 * inside + 2, height + 2 * inside + 2)))


def drawn(wording: Wording, worded: Worded, fps: Fraction, folder: Path, take: int) -> Any:
    """One frame (yuva420p) with the text. folder: an empty one of its own, for the files that the graph reads. take: see `inputs`."""
    colour = palette.parse(wording.colour)
    rim = f"{{\\bord{worded.letters * _RIM:.2f}\\3c&H000000&\\3a&H00&}}" if wording.rim else ""
    markup = rim + subtitles.join_lines([subtitles.escape(line) for line in worded.lines])
    centre = worded.size[0] / 2, worded.size[1] / 2
    letters = subtitles.Letters(markup, *centre, worded.letters, colour, *_SHOWN_AT)
    folder.mkdir()
    ink = burning.prepare(subtitles.script([letters], worded.size, palette.INK), folder)
    # What is clear has the letters' own colour, so that nothing else shines through at their soft edges.
    behind = palette.parse(wording.panel) if wording.panel else (0, 0, 0) if wording.rim else colour
    sheet = ground(
        behind, worded.size, fps, 1, opacity=wording.panel_opacity if wording.panel else 0.0, alpha=True, take=UNDER_TEXTS + take
    )
    return burning.burn(sheet, ink, alpha=1)
