"""What the camera sees of the film: a crop that follows, comes closer and shakes, by fractions of a pixel.

The crop itself moves in steps of two pixels, which 4:2:0 asks for; what is left of each step is made up by the warp
that also shakes, turns and comes closer. Everything is one crop, one scale and one warp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.video.stills import Size
from pipelines.video.ugc.following import Point
from pipelines.video.ugc.paths import expression
from pipelines.video.ugc.shake import Shake

SHAPES = {"9:16": (9, 16), "4:5": (4, 5), "1:1": (1, 1), "16:9": (16, 9)}
_STEP = 2  # pixels
_SPARE = 2 * _STEP  # pixels around the crop, for what the warp makes up
_TOLERANCE = 0.15  # pixels of the film by which the crop may leave its path


@dataclass(frozen=True)
class View:
    """window: pixels of the film that fill the frame. corners: of the window, from left and top, one a frame;
    None: it never moves."""

    film: Size
    window: Size
    frame: Size
    corners: list[Point] | None
    zooms: list[float]
    shake: Shake | None
    fps: int


def frame_size(film: Size, shape: str, shorter: int) -> Size:
    """The size of the finished frame; `source` is the film's own shape."""
    wide, high = film if shape == "source" else SHAPES[shape]
    factor = shorter / min(wide, high)
    return round(wide * factor / 2) * 2, round(high * factor / 2) * 2


def window_size(film: Size, frame: Size) -> Size:
    """The largest part of the film that has the frame's shape; even sides."""
    factor = min(film[0] / frame[0], film[1] / frame[1])
    return min(film[0], round(frame[0] * factor / 2) * 2), min(film[1], round(frame[1] * factor / 2) * 2)


def corners(centres: list[Point], film: Size, window: Size, strength: float) -> list[Point]:
    """The window's corner for each wanted centre (shares of the film); strength 0 stays in the middle."""

    def place(share: float, axis: int) -> float:
        wanted = (0.5 + (share - 0.5) * strength) * film[axis] - window[axis] / 2
        return min(max(wanted, 0.0), max(0.0, film[axis] - window[axis] - _STEP))

    return [(place(x, 0), place(y, 1)) for x, y in centres]


def seen(picture: Any, view: View) -> Any:
    """The ffmpeg-python picture of size `view.film` as a picture of size `view.frame`."""
    area, left, top = view.window, "0", "0"
    if view.corners:
        area = (min(view.film[0], view.window[0] + _SPARE), min(view.film[1], view.window[1] + _SPARE))
        steps = [_stepped(view, axis, area) for axis in (0, 1)]
        picture = picture.filter("crop", *area, steps[0][0], steps[1][0])
        left, top = steps[0][1], steps[1][1]
    elif view.window != view.film:
        picture = picture.filter("crop", *area)
    if area != view.frame:
        picture = picture.filter("scale", *view.frame, flags="bicubic")
    if view.corners or view.shake or any(zoom != 1 for zoom in view.zooms):
        picture = picture.filter("perspective", **_warp(view, area, left, top), interpolation="cubic", eval="frame")
    return picture.filter("setsar", 1)


def _stepped(view: View, axis: int, area: Size) -> tuple[str, str]:
    """The crop's own place, in whole steps, and what is left of the way to the window's corner."""
    assert view.corners
    if area[axis] == view.film[axis]:
        return "0", "0"
    path = [corner[axis] for corner in view.corners]
    return f"{_STEP}*floor({expression(path, 'n', _TOLERANCE)}/{_STEP})", f"mod({expression(path, '(on-1)', _TOLERANCE)},{_STEP})"


def _warp(view: View, area: Size, left: str, top: str) -> dict[str, str]:
    """Where the frame's corners lie on the cropped and scaled picture, which is as large as the frame."""
    wide, high = view.frame
    share = (view.window[0] / area[0], view.window[1] / area[1])
    steady = view.shake.room(wide / high) if view.shake else 1.0
    zoom = expression([steady * zoom for zoom in view.zooms], "(on-1)", 1e-4)
    across, down, turn = _moves(view)
    found = {}
    for number, (x, y) in enumerate(((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5))):
        seen_x, seen_y = x * wide * share[0], y * high * share[1]
        middle_x = f"{wide}*({left}+{view.window[0] / 2})/{area[0]}+{across}"
        middle_y = f"{high}*({top}+{view.window[1] / 2})/{area[1]}+{down}"
        found[f"x{number}"] = f"st(0,{turn});{middle_x}+({seen_x:.4f}*cos(ld(0))-{seen_y:.4f}*sin(ld(0)))/{zoom}"
        found[f"y{number}"] = f"st(0,{turn});{middle_y}+({seen_x:.4f}*sin(ld(0))+{seen_y:.4f}*cos(ld(0)))/{zoom}"
    return found


def _moves(view: View) -> tuple[str, str, str]:
    if not view.shake:
        return "0", "0", "0"
    second, reach = f"((on-1)/{view.fps})", view.shake.shift * min(view.frame)
    across, down = (f"{reach:.5f}*{path.expression(second)}" for path in (view.shake.across, view.shake.down))
    return across, down, f"{view.shake.angle:.7f}*{view.shake.turn.expression(second)}"
