"""What a phone's small sensor does to a picture, and what its software does about it."""

from __future__ import annotations

from typing import Any

_NOISE = 24  # levels of luma noise at full strength; chroma gets a third
_HALO = 1.6  # amount of the unsharp mask at full strength


def grain(picture: Any, seed: int, strength: float) -> Any:
    """Noise that is new in every frame and the same for the same seed."""
    if not strength:
        return picture
    luma = max(1, round(_NOISE * strength))
    seeds = {f"c{plane}_seed": (seed * 3 + plane) % 2**31 for plane in range(3)}
    return picture.filter("noise", c0s=luma, c1s=luma // 3, c2s=luma // 3, c0f="t", c1f="t", c2f="t", **seeds)


def sharpened(picture: Any, strength: float) -> Any:
    return picture.filter("unsharp", 5, 5, round(_HALO * strength, 3), 5, 5, 0) if strength else picture
