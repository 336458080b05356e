"""Scenes of an advert: a picture, how long it stays, and how the camera moves over it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from pathlib import Path
from typing import Any

from core.errors import InvalidInput
from pipelines.video.timeline import FPS


class Motion(StrEnum):
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    PAN_UP = "pan_up"
    PAN_DOWN = "pan_down"
    STILL = "still"


@dataclass(frozen=True)
class Scene:
    image: Path
    seconds: float
    motion: Motion = Motion.ZOOM_IN


@dataclass(frozen=True)
class _View:
    """The part of the picture that fills the frame; all values are shares of the picture's width and height."""

    left: float
    top: float
    share: float


_CLOSE = 0.88  # what is seen of the picture when the camera is near
_MARGIN = 1 - _CLOSE
_WHOLE = _View(0, 0, 1)
_CENTRE = _View(_MARGIN / 2, _MARGIN / 2, _CLOSE)
_LEFT, _RIGHT = _View(0, _MARGIN / 2, _CLOSE), _View(_MARGIN, _MARGIN / 2, _CLOSE)
_TOP, _BOTTOM = _View(_MARGIN / 2, 0, _CLOSE), _View(_MARGIN / 2, _MARGIN, _CLOSE)

_PATHS: dict[Motion, tuple[_View, _View]] = {
    Motion.ZOOM_IN: (_WHOLE, _CENTRE),
    Motion.ZOOM_OUT: (_CENTRE, _WHOLE),
    Motion.PAN_LEFT: (_RIGHT, _LEFT),
    Motion.PAN_RIGHT: (_LEFT, _RIGHT),
    Motion.PAN_UP: (_BOTTOM, _TOP),
    Motion.PAN_DOWN: (_TOP, _BOTTOM),
}
_ORDER = (Motion.ZOOM_IN, Motion.PAN_RIGHT, Motion.ZOOM_OUT, Motion.PAN_UP, Motion.PAN_LEFT)
_SHORTEST = 1.5  # seconds below which a picture is gone before it was seen


def storyboard(images: list[Path], seconds: float) -> tuple[Scene, ...]:
    """Scenes that share `seconds` evenly, each moving otherwise than the one before; too many pictures lose their last."""
    if not images:
        raise InvalidInput("An advert needs at least one picture")
    used = images[: max(1, int(seconds / _SHORTEST))]
    return tuple(Scene(image, seconds / len(used), motion) for image, motion in zip(used, cycle(_ORDER), strict=False))


def shot(still: Any, motion: Motion, frames: int) -> Any:
    """The filters from one picture of the output's size to a shot of `frames` frames at 30 per second.

    The movement is a perspective warp whose corners move by fractions of a pixel. zoompan and crop step in whole
    pixels (in twos with 4:2:0 chroma), which trembles in slow movements even on a picture eight times as large.
    """
    video = still.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    video = video.filter("loop", loop=frames - 1, size=1).filter("settb", f"1/{FPS}").filter("setpts", "N")
    if motion in _PATHS and frames > 1:
        video = video.filter("perspective", **_corners(*_PATHS[motion], frames), interpolation="linear", eval="frame")
    return video.filter("setsar", 1)


def _corners(start: _View, end: _View, frames: int) -> dict[str, str]:
    left, top = _between(start.left, end.left, frames), _between(start.top, end.top, frames)
    share = _between(start.share, end.share, frames)
    right, bottom = f"({left}+{share})", f"({top}+{share})"
    columns, rows = (left, right, left, right), (top, top, bottom, bottom)
    return {f"x{index}": f"W*{column}" for index, column in enumerate(columns)} | {f"y{index}": f"H*{row}" for index, row in enumerate(rows)}


def _between(start: float, end: float, frames: int) -> str:
    return f"({start:.6f}+({end - start:.6f})*(on-1)/{frames - 1})"
