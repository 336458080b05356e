"""Automatic exposure and white balance that never quite settle."""

from __future__ import annotations

from typing import Any

from pipelines.video.ugc.paths import wander

BAND = (0.06, 0.5)  # Hz
_EXPOSURE = 0.55  # natural logarithm of the gamma, at full strength
_WARMTH = 0.30


def drift(picture: Any, seed: int, exposure: float, white_balance: float) -> Any:
    """The ffmpeg-python picture with brightness, and the balance of red and blue, wandering."""
    if not exposure and not white_balance:
        return picture
    options = {"eval": "frame"}
    if exposure:
        options["gamma"] = f"exp({_EXPOSURE * exposure:.5f}*{wander(f'{seed}/exposure', BAND).expression('t')})"
    if white_balance:
        warmth = f"{_WARMTH * white_balance:.5f}*{wander(f'{seed}/white', BAND).expression('t')}"
        options |= {"gamma_r": f"exp({warmth})", "gamma_b": f"exp(-{warmth})"}
    return picture.filter("eq", **options)
