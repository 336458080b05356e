"""A camera that moves over a picture evenly, by fractions of a pixel.

zoompan, and crop with an expression, step in whole pixels (in twos with 4:2:0 chroma): slow movements tremble,
even over a picture eight times as large. So a zoom is a perspective warp, whose corners may lie between pixels.
And a pan, which the warp could do as well but at many times the cost, is dealt out to a few copies of the picture,
each shifted by another fraction of two pixels; every frame crops the copy on which its place is a whole number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.video import stills
from pipelines.video.palette import Colour
from pipelines.video.scenes import Motion
from pipelines.video.shots import FPS
from pipelines.video.stills import Size

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_NEAR = 0.88  # the share of the picture's width that is seen at the near end of a zoom
_TRAVEL = 0.07  # of the frame, wanted from a pan
_MOST_COPIES = 8
_GRID = 2  # pixels; 4:2:0 pictures can only be cropped at even places
_SIDEWAYS = (Motion.PAN_LEFT, Motion.PAN_RIGHT)
_BACKWARDS = (Motion.PAN_LEFT, Motion.PAN_UP)
_PANS = (*_SIDEWAYS, Motion.PAN_UP, Motion.PAN_DOWN)


@dataclass(frozen=True)
class Take:
    """The files of one shot and how they are filmed."""

    pictures: tuple[Path, ...]
    motion: Motion
    size: Size
    frames: int


def prepare(picture: Picture, motion: Motion, size: Size, frames: int, behind: Colour, stem: Path) -> Take:
    """Writes the stills of a shot as `<stem>-<n>.ppm`; `behind` shows where the picture has alpha."""
    if motion not in _PANS:
        path = _write(stills.cover(picture, size, behind), stem, 0)
        return Take((path,), motion, size, frames)
    copies, travel = _pace(size[0] if motion in _SIDEWAYS else size[1], frames)
    wide = (size[0] + travel, size[1]) if motion in _SIDEWAYS else (size[0], size[1] + travel)
    base = stills.cover(picture, _grown(wide, motion), behind)
    paths = [_write(_shifted(base, wide, motion, _GRID * index / copies), stem, index) for index in range(copies)]
    return Take(tuple(paths), motion, size, frames)


def film(take: Take) -> Any:
    """The ffmpeg-python stream of the shot: `take.frames` frames of BT.709 4:2:0 at 30 per second."""
    video = _pan(take) if take.motion in _PANS else _zoom(take)
    # Numbered anew, as interleave ends at the start of its last frame, which fps would drop; fps because xfade asks for a known rate.
    return video.filter("settb", f"1/{FPS}").filter("setpts", "N").filter("fps", FPS).filter("setsar", 1)


def _pace(length: int, frames: int) -> tuple[int, int]:
    """How many shifted copies a pan needs, and how many pixels it travels, rounded up to the grid.

    With c copies the camera moves by 2/c pixels a frame; c is chosen to travel about the wanted share of the frame.
    """
    wanted = length * _TRAVEL / frames
    copies = min(_MOST_COPIES, frames, max(1, round(_GRID / wanted)))
    return copies, _GRID * math.ceil(frames / copies)


def _grown(size: Size, motion: Motion) -> Size:
    return (size[0] + _GRID, size[1]) if motion in _SIDEWAYS else (size[0], size[1] + _GRID)


def _shifted(base: Picture, size: Size, motion: Motion, shift: float) -> Picture:
    from PIL import Image

    left, top = (shift, 0.0) if motion in _SIDEWAYS else (0.0, shift)
    return base.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + size[0], top + size[1]))


def _write(picture: Picture, stem: Path, index: int) -> Path:
    path = stem.with_name(f"{stem.name}-{index}.ppm")  # PPM: written and read at once, where PNG takes a second
    picture.save(path)
    return path


def _repeated(path: Path, frames: int) -> Any:
    import ffmpeg as graph

    still = graph.input(str(path), f="ppm_pipe", framerate=FPS)
    video = still.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    return video.filter("loop", loop=frames - 1, size=1).filter("settb", f"1/{FPS}")


def _zoom(take: Take) -> Any:
    video = _repeated(take.pictures[0], take.frames)
    if take.motion is Motion.STILL or take.frames == 1:
        return video
    return video.filter("perspective", **_corners(take.motion, take.frames), interpolation="linear", eval="frame")


def _pan(take: Take) -> Any:
    import ffmpeg as graph

    phases = [_phase(take, index) for index in range(len(take.pictures))]
    return graph.filter(phases, "interleave", nb_inputs=len(phases)) if len(phases) > 1 else phases[0]


def _phase(take: Take, index: int) -> Any:
    """The frames of a pan that are cropped from copy `index`: every c-th one, two pixels further each time."""
    copies = len(take.pictures)
    backwards = take.motion in _BACKWARDS
    first = (take.frames - 1 - index) % copies if backwards else index
    place = take.frames - 1 - first if backwards else first  # in steps of 2/c pixels
    moving = f"{_GRID * (place // copies)}{'-' if backwards else '+'}{_GRID}*n"
    column, row = (moving, "0") if take.motion in _SIDEWAYS else ("0", moving)
    video = _repeated(take.pictures[index], math.ceil((take.frames - first) / copies))
    return video.filter("crop", take.size[0], take.size[1], column, row).filter("setpts", f"N*{copies}+{first}")


def _corners(motion: Motion, frames: int) -> dict[str, str]:
    """Where the frame's corners lie on the picture while its seen share goes from whole to near or back."""
    start, end = (1.0, _NEAR) if motion is Motion.ZOOM_IN else (_NEAR, 1.0)
    share = f"({start}+({end - start:.6f})*(on-1)/{frames - 1})"
    low, high = f"(1-{share})/2", f"(1+{share})/2"
    columns, rows = (low, high, low, high), (low, low, high, high)
    return {f"x{n}": f"W*{column}" for n, column in enumerate(columns)} | {f"y{n}": f"H*{row}" for n, row in enumerate(rows)}
