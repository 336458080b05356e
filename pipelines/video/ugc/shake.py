"""A hand that holds the camera: slow sway and small tremor, by fractions of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.video.ugc.paths import Wander, wander

BAND = (0.35, 7.0)  # Hz: from the body's sway to the hand's tremor
_SLOPE = 1.2
_SHIFT = 0.04  # of the picture's shorter side, at full strength
_TURN = math.radians(1.6)


@dataclass(frozen=True)
class Shake:
    """across, down, turn: each a path of its own. shift: of the picture's shorter side, angle: radians, where a path is 1."""

    across: Wander
    down: Wander
    turn: Wander
    shift: float
    angle: float

    def room(self, shape: float) -> float:
        """How much closer the picture must be seen so that its edges never show. shape: width to height."""
        sine, across, down = math.sin(self.angle), 2 * self.shift / max(1.0, shape), 2 * self.shift * min(1.0, shape)
        return max((1 + sine / shape) / (1 - across), (1 + sine * shape) / (1 - down))


def shake(seed: int, strength: float) -> Shake | None:
    """None for strength 0."""
    if not strength:
        return None
    paths = [wander(f"{seed}/shake/{axis}", BAND, slope=_SLOPE) for axis in ("across", "down", "turn")]
    return Shake(paths[0], paths[1], paths[2], _SHIFT * strength, _TURN * strength)
