"""A picture laid over a film for some of its time, fading in and out, standing still or moving."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def appearing(layer: Any, frames: int, fade: tuple[int, int]) -> Any:
    """A yuva420p layer of `frames` frames that comes in and goes out over so many frames."""
    into, out = fade
    if into:
        layer = layer.filter("fade", type="in", start_frame=0, nb_frames=into, alpha=1)
    if out:
        layer = layer.filter("fade", type="out", start_frame=frames - out, nb_frames=out, alpha=1)
    return layer


def transparent(layer: Any, opacity: float) -> Any:
    return layer if opacity == 1 else layer.filter("lutyuv", a=f"val*{opacity:.4f}")


def lay(film: Any, layer: Any, left: int | str, top: int | str, *, first: int, fps: Fraction) -> Any:
    """The film with the layer on it from frame `first` on, for as many frames as the layer has. left, top: pixels, or a term of `n`."""
    if first:
        layer = layer.filter("settb", f"1/({fps})").filter("setpts", f"N+{first}")
    return film.overlay(layer, x=left, y=top, format="yuv420", eof_action="pass")


def moving(start: int, end: int, first: int, frames: int) -> int | str:
    """A term of overlay's frame count `n`, from 1: from `start` to `end` pixels in `frames` frames, gently at both ends."""
    if start == end:
        return start
    share = f"clip((n-{first + 1})/{max(1, frames)},0,1)"
    return f"{start}+({end - start})*pow({share},2)*(3-2*{share})"
