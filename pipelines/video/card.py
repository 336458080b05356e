"""The end card: the logo, or the brand's name in type, over a button with the call to action."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.video import lettering, stills, subtitles
from pipelines.video.palette import INK, WHITE, Colour, Palette, contrast
from pipelines.video.subtitles import Letters

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_FADE_IN = 0.4  # seconds; as long as the crossfade into the card
_FAINT = 1.6  # a logo with less contrast to the background gets a panel of its own
_SVG_HEAD = 1024  # bytes in which an SVG names itself


@dataclass(frozen=True)
class Button:
    label: lettering.Fitted
    box: tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True)
class Card:
    picture: Picture
    texts: list[Letters]


def usable_logo(path: Path | None) -> tuple[Picture | None, str]:
    """The logo to draw, or none with the reason. Raises MediaUnreadable for a broken file."""
    if path is None:
        return None, ""
    if _is_svg(path):
        return None, "The logo is an SVG, which is not drawn into videos; the brand's name is set in type. Give a PNG to show the logo."
    return stills.load(path), ""


def draw(
    size: tuple[int, int], palette: Palette, brand_name: str, call_to_action: str, logo: Picture | None, times: tuple[float, float]
) -> Card:
    """The card's picture without its texts, and the texts to set on it between `times` seconds."""
    from PIL import Image

    picture = Image.new("RGB", size, palette.background)
    texts = _name(size, palette, brand_name, times) if logo is None else []
    if logo is not None:
        _place_logo(picture, logo, palette.background)
    button = _button(size, call_to_action)
    if button:
        _round(picture, button.box, palette.accent)
        centre = ((button.box[0] + button.box[2]) / 2, (button.box[1] + button.box[3]) / 2)
        texts.append(_set(button.label, centre, palette.accent_text, times))
    return Card(picture, texts)


def _is_svg(path: Path) -> bool:
    if path.suffix.lower() in (".svg", ".svgz"):
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b"<svg" in file.read(_SVG_HEAD).lower()


def _name(size: tuple[int, int], palette: Palette, brand_name: str, times: tuple[float, float]) -> list[Letters]:
    name = lettering.cleaned(brand_name)
    if not name:
        return []
    fitted = lettering.fit(name, size[0] * 0.76, min(size) * 0.12, most_lines=3)
    return [_set(fitted, (size[0] / 2, size[1] * 0.4), palette.text, times)]


def _button(size: tuple[int, int], call_to_action: str) -> Button | None:
    label = lettering.cleaned(call_to_action)
    if not label:
        return None
    fitted = lettering.fit(label, size[0] * 0.66, min(size) * 0.058, most_lines=2)
    across, down = fitted.width / 2 + fitted.size * 1.1, fitted.height / 2 + fitted.size * 0.55
    x, y = size[0] / 2, size[1] * 0.64
    return Button(fitted, (round(x - across), round(y - down), round(x + across), round(y + down)))


def _set(fitted: lettering.Fitted, centre: tuple[float, float], colour: Colour, times: tuple[float, float]) -> Letters:
    markup = subtitles.join_lines([subtitles.escape(line) for line in fitted.lines])
    return Letters(markup, centre[0], centre[1], fitted.size, colour, times[0], times[1], fade=_FADE_IN)


def _place_logo(picture: Picture, logo: Picture, background: Colour) -> None:
    from PIL import Image

    box = (picture.width * 0.56, picture.height * 0.24)
    scale = min(box[0] / logo.width, box[1] / logo.height)
    drawn = logo.resize((max(1, round(logo.width * scale)), max(1, round(logo.height * scale))), Image.Resampling.LANCZOS)
    left, top = (picture.width - drawn.width) // 2, round(picture.height * 0.4 - drawn.height / 2)
    panel = _panel_for(drawn, background)
    if panel:
        rim = round(min(picture.size) * 0.04)
        _round(picture, (left - rim, top - rim, left + drawn.width + rim, top + drawn.height + rim), panel)
    picture.paste(drawn, (left, top), drawn.getchannel("A") if drawn.mode == "RGBA" else None)


def _panel_for(logo: Picture, background: Colour) -> Colour | None:
    """White or ink behind a see-through logo that would be lost on the background; else nothing."""
    import numpy as np

    if logo.mode != "RGBA":
        return None
    pixels = np.asarray(logo).astype("float64")
    weight = pixels[..., 3:].sum()
    if weight == 0:
        return None
    red, green, blue = (round(value) for value in (pixels[..., :3] * pixels[..., 3:]).sum(axis=(0, 1)) / weight)
    mean: Colour = (red, green, blue)
    if contrast(mean, background) >= _FAINT:
        return None
    return max(WHITE, INK, key=lambda panel: contrast(mean, panel))


def _round(picture: Picture, box: tuple[int, int, int, int], colour: Colour) -> None:
    """A panel with smooth round corners: drawn four times as large, then reduced."""
    from PIL import Image, ImageDraw

    wide, high = box[2] - box[0], box[3] - box[1]
    large = Image.new("L", (wide * 4, high * 4))
    ImageDraw.Draw(large).rounded_rectangle((0, 0, wide * 4 - 1, high * 4 - 1), radius=min(wide, high), fill=255)
    picture.paste(colour, (box[0], box[1], box[2], box[3]), large.resize((wide, high), Image.Resampling.LANCZOS))
