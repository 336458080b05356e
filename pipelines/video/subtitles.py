"""Text over a video as an ASS script, which libass inside ffmpeg draws.

libass shapes and reorders Arabic and Hebrew by itself, on every machine; Pillow needs a system library for that.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.video.lettering import FAMILY, line_height
from pipelines.video.palette import Colour

_WORD_JOINER = "\u2060"  # invisible; behind a backslash it keeps ASS from seeing an escape


@dataclass(frozen=True)
class Letters:
    """One text at one place, centred on (x, y) in pixels from `start` to `end` seconds. `markup` is escaped already."""

    markup: str
    x: float
    y: float
    size: float  # pixels an em
    colour: Colour
    start: float
    end: float
    fade: float = 0.0  # seconds to come in
    boxed: bool = False  # on a dark panel
    outlined: bool = False  # with a dark rim around each letter


def escape(text: str) -> str:
    """Text that libass shows letter by letter, braces and backslashes included."""
    return text.replace("\\", "\\" + _WORD_JOINER).replace("{", "\\{").replace("}", "\\}")


def coloured(markup: str, colour: Colour, after: Colour) -> str:
    return f"{{\\1c{_colour(colour)}}}{markup}{{\\1c{_colour(after)}}}"


def join_lines(lines: list[str] | tuple[str, ...]) -> str:
    return "\\N".join(lines)


_STYLE_FORMAT = (
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding"
)


def script(texts: list[Letters], size: tuple[int, int], panel: Colour) -> str:
    """The whole ASS file for a video of this size; `panel` stands behind boxed texts, a little transparent."""
    unit = min(size)
    plain = _style("Plain", border_style=1, outline=0, back="&HFF000000")
    boxed = _style("Boxed", border_style=4, outline=unit * 0.014, back=f"&H40{_digits(panel)}")
    outlined = _style("Outlined", border_style=1, outline=unit * 0.006, back=f"&H00{_digits(panel)}")
    header = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {size[0]}",
        f"PlayResY: {size[1]}",
        "WrapStyle: 2",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: TV.709",
        "",
        "[V4+ Styles]",
        _STYLE_FORMAT,
        plain,
        boxed,
        outlined,
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    ]
    return "\n".join([*header, *(_event(text) for text in texts if text.end > text.start), ""])


def _style(name: str, *, border_style: int, outline: float, back: str) -> str:
    # The last field, encoding -1, lets each text choose its own direction.
    return f"Style: {name},{FAMILY},20,&H00FFFFFF,&H00FFFFFF,{back},{back},-1,0,0,0,100,100,0,0,{border_style},{outline:.2f},0,5,0,0,0,-1"


def _event(text: Letters) -> str:
    fade = f"\\fad({round(text.fade * 1000)},0)" if text.fade else ""
    place = f"{{\\an5\\pos({text.x:.1f},{text.y:.1f})\\fs{text.size * line_height():.2f}\\1c{_colour(text.colour)}{fade}}}"
    style = "Boxed" if text.boxed else "Outlined" if text.outlined else "Plain"
    return f"Dialogue: 0,{_time(text.start)},{_time(text.end)},{style},,0,0,0,,{place}{text.markup}"


def _time(seconds: float) -> str:
    hundredths = max(0, round(seconds * 100))
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"


def _colour(colour: Colour) -> str:
    return f"&H{_digits(colour)}&"


def _digits(colour: Colour) -> str:
    red, green, blue = colour
    return f"{blue:02X}{green:02X}{red:02X}"
