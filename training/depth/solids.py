"""Solids and the rays that meet them.

A solid is a unit shape under a turn and a stretch, so a ray is met in the solid's own frame, where every test is short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.depth.compiled import compiled

Array = np.ndarray[Any, Any]

BOX, BALL, DRUM, CONE, RING, CARD, TUBE = range(7)
FAR, CLOSE, TINY = 1e9, 1e-4, 1e-12


@dataclass(frozen=True)
class Solids:
    """Columns of a scene's n solids, float32 unless said otherwise.

    centre (n, 3) and half (n, 3) in metres; turn (n, 3, 3), rows are the solid's axes in the world; reach (n,) radius of
    the ball around it; shape (n,) int32; inner (n,) of a ring, from 0 to 1, or the number of a card's outline; casts (n,)
    uint8, whether it shades others; texture (n,) int32; repeat (n,) textures a metre; shift (n, 2); dark, light (n, 3) the
    texture's two ends, 0..1; photo (n,) uint8, whether the texture's own colours are used; gloss, mirror, glow (n,).
    """

    centre: Array
    half: Array
    turn: Array
    reach: Array
    shape: Array
    inner: Array
    casts: Array
    texture: Array
    repeat: Array
    shift: Array
    dark: Array
    light: Array
    photo: Array
    gloss: Array
    mirror: Array
    glow: Array


@compiled
def meet(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, shape: int, inner: float, outlines: Array) -> float:
    """Distance along a ray to a unit shape, in lengths of its direction, or FAR. outlines: (m, 64, 64) uint8 masks of cards."""
    if shape == BOX:
        return _box(ox, oy, oz, dx, dy, dz)
    if shape == BALL:
        return _ball(ox, oy, oz, dx, dy, dz)
    if shape == DRUM:
        return min(_wall(ox, oy, oz, dx, dy, dz, 0.0), _lid(ox, oy, oz, dx, dy, dz, -1.0), _lid(ox, oy, oz, dx, dy, dz, 1.0))
    if shape == TUBE:
        return _wall(ox, oy, oz, dx, dy, dz, 0.0)
    if shape == CONE:
        return min(_wall(ox, oy, oz, dx, dy, dz, 0.5), _lid(ox, oy, oz, dx, dy, dz, -1.0))
    return _flat(ox, oy, oz, dx, dy, dz, shape, inner, outlines)


@compiled
def _box(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """From inside it is the far side that is met: rooms are boxes, too."""
    near, far = -FAR, FAR
    for o, d in ((ox, dx), (oy, dy), (oz, dz)):
        if abs(d) < TINY:
            if abs(o) > 1.0:
                return FAR
            continue
        a, b = (-1.0 - o) / d, (1.0 - o) / d
        near, far = max(near, min(a, b)), min(far, max(a, b))
    if near > far or far < CLOSE:
        return FAR
    return near if near > CLOSE else far


@compiled
def _ball(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    a, b, c = dx * dx + dy * dy + dz * dz, ox * dx + oy * dy + oz * dz, ox * ox + oy * oy + oz * oz - 1.0
    h = b * b - a * c
    t = (-b - np.sqrt(max(h, 0.0))) / a
    return t if h >= 0.0 and t > CLOSE else FAR


@compiled
def _wall(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, slope: float) -> float:
    """Around the third axis, between its ends. slope: 0 for a tube, 0.5 for a cone that ends in a point at 1."""
    width, narrows = (1.0 - oz) * 0.5 if slope > 0.0 else 1.0, -dz * slope
    a = dx * dx + dy * dy - narrows * narrows
    b, c = ox * dx + oy * dy - width * narrows, ox * ox + oy * oy - width * width
    h = b * b - a * c
    if h < 0.0 or abs(a) < TINY:
        return FAR
    best, root = FAR, np.sqrt(h)
    for t in ((-b - root) / a, (-b + root) / a):
        if CLOSE < t < best and abs(oz + t * dz) <= 1.0:
            best = t
    return best


@compiled
def _lid(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, level: float) -> float:
    """A disc of radius 1 across the third axis."""
    if abs(dz) < TINY:
        return FAR
    t = (level - oz) / dz
    x, y = ox + t * dx, oy + t * dy
    return t if t > CLOSE and x * x + y * y <= 1.0 else FAR


@compiled
def _flat(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, shape: int, inner: float, outlines: Array) -> float:
    """A ring or a card."""
    if abs(dz) < TINY:
        return FAR
    t = -oz / dz
    x, y = ox + t * dx, oy + t * dy
    if t < CLOSE or abs(x) >= 1.0 or abs(y) >= 1.0:
        return FAR
    if shape == RING:
        return t if inner * inner <= x * x + y * y <= 1.0 else FAR
    return t if outlines[int(inner), int((1.0 - y) * 32.0), int((x + 1.0) * 32.0)] else FAR


@compiled
def nearest(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, few: Array, count: int,
    centre: Array, half: Array, turn: Array, reach: Array, shape: Array, inner: Array, outlines: Array, limit: float,
) -> tuple[int, float]:  # fmt: skip
    """The solid among the first `count` of `few` that a ray of unit direction meets first before `limit`, or -1; the distance."""
    found, best = -1, limit
    for i in range(count):
        n = few[i]
        px, py, pz = ox - centre[n, 0], oy - centre[n, 1], oz - centre[n, 2]
        along = -(px * dx + py * dy + pz * dz)
        apart = px * px + py * py + pz * pz - along * along
        r = reach[n]
        if apart > r * r or along + r < 0.0 or along - r > best:
            continue
        lx = (turn[n, 0, 0] * px + turn[n, 0, 1] * py + turn[n, 0, 2] * pz) / half[n, 0]
        ly = (turn[n, 1, 0] * px + turn[n, 1, 1] * py + turn[n, 1, 2] * pz) / half[n, 1]
        lz = (turn[n, 2, 0] * px + turn[n, 2, 1] * py + turn[n, 2, 2] * pz) / half[n, 2]
        ex = (turn[n, 0, 0] * dx + turn[n, 0, 1] * dy + turn[n, 0, 2] * dz) / half[n, 0]
        ey = (turn[n, 1, 0] * dx + turn[n, 1, 1] * dy + turn[n, 1, 2] * dz) / half[n, 1]
        ez = (turn[n, 2, 0] * dx + turn[n, 2, 1] * dy + turn[n, 2, 2] * dz) / half[n, 2]
        t = meet(lx, ly, lz, ex, ey, ez, shape[n], inner[n], outlines)
        if 1e-3 < t < best:
            found, best = n, t
    return found, best
