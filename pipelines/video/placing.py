"""Where a picture is put in a frame: by an anchor and a margin, on even places."""

from __future__ import annotations

from typing import Literal

from pipelines.video.layouts import Box
from pipelines.video.stills import Size

Anchor = Literal["top_left", "top", "top_right", "left", "center", "right", "bottom_left", "bottom", "bottom_right"]

_USUAL_MARGIN = 0.04  # of the frame's shorter side


def usual_margin(frame: Size) -> int:
    return round(min(frame) * _USUAL_MARGIN / 2) * 2


def place(size: Size, frame: Size, anchor: Anchor, margin: tuple[int, int]) -> Box:
    """margin: pixels from the sides that the anchor touches. The box may lie outside; `outside` tells."""
    left = _along(size[0], frame[0], margin[0], "left" in anchor, "right" in anchor)
    top = _along(size[1], frame[1], margin[1], anchor.startswith("top"), anchor.startswith("bottom"))
    return Box(left, top, *size)


def outside(box: Box, frame: Size) -> str:
    """What is wrong with the place of a box that does not lie wholly inside the frame; empty if it does."""
    right, bottom = box.left + box.width, box.top + box.height
    if box.left >= 0 and box.top >= 0 and right <= frame[0] and bottom <= frame[1]:
        return ""
    return f"lies outside the frame: from ({box.left}, {box.top}) to ({right}, {bottom}) in {frame[0]} x {frame[1]} pixels"


def _along(length: int, whole: int, margin: int, near: bool, far: bool) -> int:
    if near:
        return margin
    return whole - length - margin if far else (whole - length) // 4 * 2
