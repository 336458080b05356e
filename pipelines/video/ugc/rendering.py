"""The finished film in one run of ffmpeg, through an earlier generation of it if that is wanted.

An earlier generation is real: ffmpeg encodes what the camera saw coarsely, decodes that again in the same process (a
loopback decoder), draws the texts on it and encodes the result.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipelines.recipe import Kitchen
from pipelines.video import burning, ffmpeg
from pipelines.video.burning import Ink
from pipelines.video.coding import Coding, output_options
from pipelines.video.probe import MediaFacts
from pipelines.video.rendering import checked, tagged

_FINEST, _COARSEST = 26, 44  # crf of the earlier generation
_FIRST = "-"  # where ffmpeg-python writes the output that nobody keeps


@dataclass(frozen=True)
class Film:
    """picture: what the camera saw, `frames` frames. sound: as long. ink: texts to burn, if any. recompression: 0 to 1."""

    picture: Any
    sound: Any
    ink: Ink | None
    recompression: float
    frames: int
    fps: int


def render(film: Film, target: Path, coding: Coding, kitchen: Kitchen, begin: float) -> MediaFacts:
    """Leaves `target` whole, or nothing. begin: the progress at which this part of the work begins. Raises as `rendering.render`."""
    part = target.with_name(f".{uuid.uuid4().hex}-{target.name}")
    arguments = _again(film, part, coding) if film.recompression else _once(film, part, coding)
    graph = kitchen.folder / f"graph-{uuid.uuid4().hex}.txt"
    try:
        ffmpeg.follow(_graph_in_file(arguments, graph), film.frames, kitchen.run, lambda done: _tell(kitchen, begin, done, film.frames))
        facts = checked(part, frames=film.frames, fps=Fraction(film.fps), sound=True)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        graph.unlink(missing_ok=True)
    return facts


def _once(film: Film, part: Path, coding: Coding) -> list[str]:
    import ffmpeg as graph

    picture = burning.burn(film.picture, film.ink) if film.ink else film.picture
    options = output_options(coding, Fraction(film.fps), sound=True)
    return ffmpeg.command(graph.output(tagged(picture), film.sound, str(part.absolute()), **options))


def _again(film: Film, part: Path, coding: Coding) -> list[str]:
    import ffmpeg as graph

    crf = round(_FINEST + (_COARSEST - _FINEST) * film.recompression)
    coarse = {"c:v": "libx264", "preset": "superfast", "crf": crf, "bf": 0, "g": film.fps, "pix_fmt": "yuv420p", "f": "null"}
    first = graph.output(tagged(film.picture), _FIRST, **coarse)
    second = graph.output(film.sound, str(part.absolute()), **output_options(coding, Fraction(film.fps), sound=True))
    arguments = ffmpeg.command(graph.merge_outputs(first, second))
    place = arguments.index(_FIRST) + 1
    return [*arguments[:place], "-dec", "0:0", "-filter_complex", _texts(film), "-map", "[shown]", *arguments[place:]]


def _texts(film: Film) -> str:
    """The second graph: the decoded picture with its texts. The folder's path is ours: it needs no escapes but for the colon."""
    marked = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv[shown]"
    if not film.ink:
        return f"[dec:0]{marked}"
    script, fonts = (str(path).replace(":", r"\\:") for path in (film.ink.script, film.ink.fonts))
    return f"[dec:0]ass=filename={script}:fontsdir={fonts},{marked}"


def _graph_in_file(arguments: list[str], path: Path) -> list[str]:
    """The first graph moved into a file: with the paths of a long film it can be longer than an argument may be."""
    place = arguments.index("-filter_complex")
    path.write_text(arguments[place + 1], encoding="utf-8")
    return [*arguments[:place], "-/filter_complex", str(path), *arguments[place + 2 :]]


def _tell(kitchen: Kitchen, begin: float, done: float, frames: int) -> None:
    kitchen.progress(begin + (1 - begin) * done, f"frame {round(done * frames)} of {frames}")
