"""Scenes of an advert: a picture, how long it stays, and how the camera moves over it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from pathlib import Path

from core.errors import InvalidInput


class Motion(StrEnum):
    """What the camera does: it comes nearer, goes back, or travels to one side."""

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


# Zooms cost several times the computing of pans, so there are fewer of them.
_ORDER = (Motion.ZOOM_IN, Motion.PAN_RIGHT, Motion.PAN_UP, Motion.PAN_LEFT, Motion.ZOOM_OUT, Motion.PAN_DOWN)
_SHORTEST = 1.5  # seconds below which a picture is gone before it was seen


def storyboard(images: list[Path], seconds: float) -> tuple[Scene, ...]:
    """Scenes that share `seconds` evenly, each moving otherwise than the one before; too many pictures lose their last."""
    if not images:
        raise InvalidInput("An advert needs at least one picture")
    used = images[: max(1, int(seconds / _SHORTEST))]
    return tuple(Scene(image, seconds / len(used), motion) for image, motion in zip(used, cycle(_ORDER), strict=False))
