"""Sheets of small pictures of a whole film, and the WebVTT file that tells a player which shows which seconds."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.recipe import Product
from pipelines.video import pictures
from pipelines.video.caption_files import vtt_time
from pipelines.video.reel import Reel

if TYPE_CHECKING:
    from numpy.typing import NDArray

Told = Callable[[float], None]

_COLUMNS, _ROWS = 10, 10
_MOST = 400  # small pictures of a film
_SHORTEST = 0.5  # seconds between them, unless the caller says otherwise


def sheet(film: Reel, folder: Path, side: int, seconds: float | None, told: Told) -> list[Product]:
    """One or several JPEG sheets of ten by ten, and one WebVTT file that names their places (`sheet.jpg#xywh=...`)."""
    step = _step(film.seconds, seconds)
    starts = [index * step for index in range(max(1, math.ceil(film.seconds / step - 1e-9)))]
    tiles = _tiles(film, starts, side, told)
    high, wide = tiles[0].shape[:2]
    each = _COLUMNS * _ROWS
    sheets = [_sheet(tiles[first : first + each], folder / f"sprites-{first // each + 1:02d}.jpg") for first in range(0, len(tiles), each)]
    lines = ["WEBVTT", ""]
    for index, start in enumerate(starts):
        end = min(start + step, film.seconds)
        left, top = index % each % _COLUMNS * wide, index % each // _COLUMNS * high
        lines += [f"{vtt_time(start)} --> {vtt_time(end)}", f"{sheets[index // each].path.name}#xywh={left},{top},{wide},{high}", ""]
    index_file = folder / "sprites.vtt"
    index_file.write_text("\n".join(lines), encoding="utf-8")
    facts = {"tiles": len(tiles), "seconds": step, "tile_width": wide, "tile_height": high, "sheets": [s.path.name for s in sheets]}
    return [*sheets, Product(index_file, "text/vtt", "Sprite sheet index", "sprite_index", facts)]


def _step(whole: float, wanted: float | None) -> float:
    """Seconds of the film for one small picture; longer than wanted if there would be too many."""
    return round(max(wanted or max(_SHORTEST, whole / (_COLUMNS * _ROWS)), whole / _MOST), 3)


def _tiles(film: Reel, starts: list[float], side: int, told: Told) -> list[NDArray[Any]]:
    """The frame in the middle of each stretch; a stretch shorter than a frame repeats the one before it."""
    numbers = [film.at(start + (starts[1] / 2 if len(starts) > 1 else 0.0)) for start in starts]
    small: dict[int, NDArray[Any]] = {}
    for place, frame in enumerate(film.pick(numbers)):
        told(place / len(numbers))
        small[frame.number] = frame.pixels(side)
    return [small[number] for number in numbers]


def _sheet(tiles: list[NDArray[Any]], path: Path) -> Product:
    import numpy as np

    high, wide = tiles[0].shape[:2]
    columns, rows = min(len(tiles), _COLUMNS), math.ceil(len(tiles) / _COLUMNS)
    whole = np.zeros((rows * high, columns * wide, 3), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // _COLUMNS * high, place % _COLUMNS * wide
        whole[top : top + high, left : left + wide] = tile
    pictures.save(whole, path, "jpeg")
    return Product(path, "image/jpeg", path.stem, "sprite_sheet", {"tiles": len(tiles), "columns": columns})
