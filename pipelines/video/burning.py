"""Texts burnt into a picture by libass, in the packaged font."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.video import lettering


@dataclass(frozen=True)
class Ink:
    """An ASS script and the folder that holds its font."""

    script: Path
    fonts: Path


def prepare(script: str, folder: Path, name: str = "texts.ass") -> Ink:
    """The files that the filter reads. The fonts' folder has nothing else in it, so that no other font of the machine comes first."""
    fonts = folder / "fonts"
    fonts.mkdir(exist_ok=True)
    font = fonts / lettering.font_file().name
    if not font.exists():
        font.write_bytes(lettering.font_file().read_bytes())
    path = folder / name
    path.write_text(script, encoding="utf-8")
    return Ink(path, fonts)


def burn(picture: Any, ink: Ink, **options: Any) -> Any:
    """The ffmpeg-python picture with the texts on it. options: of ffmpeg's filter `ass`."""
    return picture.filter("ass", filename=str(ink.script), fontsdir=str(ink.fonts), **options)


def lost_letters(text: str) -> list[str]:
    """What a person should know about the letters of a text that is to be burnt in, in whole sentences."""
    notes = []
    shown = lettering.cleaned(text)
    if missing := lettering.missing_letters(shown):
        notes.append(f"The packaged font has no {missing[:20]!r}; a font of this machine stands in, or boxes do if it has none.")
    dropped = "".join(dict.fromkeys(letter for letter in text if letter not in shown and not letter.isspace() and letter.isprintable()))
    if emoji := "".join(letter for letter in dropped if not lettering.cleaned(letter)):
        notes.append(f"Emoji are left out of burnt text: {emoji[:20]}")
    return notes
