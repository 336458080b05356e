"""A scene seen by a camera: its picture and its exact depth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np

from training.depth.compiled import compiled
from training.depth.solids import BALL, BOX, CONE, DRUM, FAR, TUBE, Solids, nearest
from training.depth.textures import LEVELS

Array = np.ndarray[Any, Any]
TILE = 16
_STARTS = np.array([sum(s * s for s in LEVELS[:i]) for i in range(len(LEVELS))])
_SIDES = np.array(LEVELS)


@dataclass(frozen=True)
class View:
    """place (3,) in metres; axes (3, 3): right, down, forward; focal: of a picture one unit wide."""

    place: Array
    axes: Array
    focal: float


@dataclass(frozen=True)
class Light:
    """toward: unit vectors (n, 3) to far lamps. colour (n, 3). ambient, sky_low, sky_high (3,): RGB. haze: a metre."""

    toward: Array
    colour: Array
    ambient: Array
    sky_low: Array
    sky_high: Array
    haze: float
    occlusion: float


def render(
    solids: Solids, view: View, light: Light, textures: Array, cards: Array, size: tuple[int, int], seed: int
) -> tuple[Array, Array]:
    """(h, w, 3) float32 linear colours, and (h, w) float32 inverse depth along the view, in 1/m, 0 for the sky."""
    columns: Any = [getattr(solids, field.name) for field in fields(Solids)]
    lamps: Any = (light.toward, light.colour, light.ambient, light.sky_low, light.sky_high, light.haze, light.occlusion)
    height, width = size
    picture, inverse = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    occlusion = np.ones((height, width), np.float32)
    shade = np.ones((height, width, len(light.toward)), np.float32)
    light_up, paint = cast("Callable[..., None]", _light_up), cast("Callable[..., None]", _paint)
    light_up(*columns, view.place, view.axes, view.focal, light.toward, cards, seed, occlusion, shade)
    paint(
        *columns,
        view.place,
        view.axes,
        view.focal,
        *lamps,
        textures,
        cards,
        _blurred(occlusion, 1.6),
        _blurred(shade, 0.7),
        seed,
        picture,
        inverse,
    )
    return picture, inverse


def _blurred(values: Array, sigma: float) -> Array:
    """One random ray a pixel is noisy; its neighbours' mean is soft light."""
    import cv2

    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma)).reshape(values.shape)


@compiled
def _few_of(
    centre: Array, reach: Array, place: Array, axes: Array, focal: float, x0: float, x1: float, y0: float, y1: float, few: Array
) -> int:
    """The solids that may be seen in a tile from (x0, y0) to (x1, y1) of the picture's plane: a cone around it is asked."""
    mx, my = (x0 + x1) * 0.5, (y0 + y1) * 0.5
    d = axes[0] * mx + axes[1] * my + axes[2] * focal
    length = np.sqrt((d * d).sum())
    d = d / length
    spread = np.hypot(x1 - x0, y1 - y0) * 0.5 / length * 1.05
    count = 0
    for n in range(len(reach)):
        p = centre[n] - place
        along = (p * d).sum()
        apart = np.sqrt(max((p * p).sum() - along * along, 0.0))
        if apart <= reach[n] * (1.0 + spread) + spread * max(along, 0.0) and along > -reach[n]:
            few[count] = n
            count += 1
    return count


@compiled
def _light_up(
    centre: Array, half: Array, turn: Array, reach: Array, shape: Array, inner: Array, casts: Array, texture: Array, repeat: Array,
    shift: Array, dark: Array, bright: Array, photo: Array, gloss: Array, mirror: Array, glow: Array, place: Array, axes: Array,
    focal: float, toward: Array, cards: Array, seed: int, occlusion: Array, shade: Array,
) -> None:  # fmt: skip
    """How much light reaches each pixel: 0 or 1 from each lamp, and from one random direction around."""
    np.random.seed(seed)
    height, width = occlusion.shape
    few, casters = np.zeros(len(reach), np.int32), np.zeros(len(reach), np.int32)
    everyone = np.arange(len(reach))
    casting = 0
    for n in range(len(reach)):
        if casts[n]:
            casters[casting] = n
            casting += 1
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            y0, y1 = (top - height * 0.5) / width, (top + TILE - height * 0.5) / width
            x0, x1 = left / width - 0.5, (left + TILE) / width - 0.5
            count = _few_of(centre, reach, place, axes, focal, x0, x1, y0, y1, few)
            for row in range(top, min(top + TILE, height)):
                for column in range(left, min(left + TILE, width)):
                    x, y = (column + 0.5) / width - 0.5, (row + 0.5 - height * 0.5) / width
                    dx, dy, dz, _ = _ray(axes, x, y, focal)
                    n, t = nearest(
                        place[0], place[1], place[2], dx, dy, dz, few, count, centre, half, turn, reach, shape, inner, cards, FAR
                    )
                    if n < 0:
                        continue
                    px, py, pz = place[0] + dx * t * 0.999, place[1] + dy * t * 0.999, place[2] + dz * t * 0.999
                    for lamp in range(len(toward)):
                        a, b, c = _near(toward[lamp, 0], toward[lamp, 1], toward[lamp, 2], 0.05)
                        hit, _ = nearest(px, py, pz, a, b, c, casters, casting, centre, half, turn, reach, shape, inner, cards, FAR)
                        if hit >= 0:
                            shade[row, column, lamp] = 0.0
                    a, b, c = _near(0.0, 0.0, 0.0, 1.0)
                    if a * dx + b * dy + c * dz > 0.0:
                        a, b, c = -a, -b, -c
                    around = t * 0.4
                    hit, distance = nearest(
                        px, py, pz, a, b, c, everyone, len(everyone), centre, half, turn, reach, shape, inner, cards, around
                    )
                    if hit >= 0:
                        occlusion[row, column] = distance / around


@compiled
def _ray(axes: Array, x: float, y: float, focal: float) -> tuple[float, float, float, float]:
    """The unit direction through a point of the picture's plane, and how much longer it was."""
    dx = axes[0, 0] * x + axes[1, 0] * y + axes[2, 0] * focal
    dy = axes[0, 1] * x + axes[1, 1] * y + axes[2, 1] * focal
    dz = axes[0, 2] * x + axes[1, 2] * y + axes[2, 2] * focal
    slant = np.sqrt(dx * dx + dy * dy + dz * dz)
    return dx / slant, dy / slant, dz / slant, slant


@compiled
def _near(x: float, y: float, z: float, spread: float) -> tuple[float, float, float]:
    """A random unit direction around another."""
    x, y, z = x + np.random.normal(0.0, spread), y + np.random.normal(0.0, spread), z + np.random.normal(0.0, spread)
    length = np.sqrt(x * x + y * y + z * z) + 1e-12
    return x / length, y / length, z / length


@compiled
def _paint(  # noqa: PLR0912, PLR0915 (one loop over pixels: between compiled functions every array is handed over by itself)
    centre: Array, half: Array, turn: Array, reach: Array, shape: Array, inner: Array, casts: Array, texture: Array, repeat: Array,
    shift: Array, dark: Array, bright: Array, photo: Array, gloss: Array, mirror: Array, glow: Array, place: Array, axes: Array,
    focal: float, toward: Array, lamp_colour: Array, ambient: Array, sky_low: Array, sky_high: Array, haze: float, depth_of_shade: float,
    textures: Array, cards: Array, occlusion: Array, shade: Array, seed: int, picture: Array, inverse: Array,
) -> None:  # fmt: skip
    """Three rays a pixel, at random places in it."""
    np.random.seed(seed + 1)
    height, width = inverse.shape
    few = np.zeros(len(reach), np.int32)
    colour = np.zeros(3)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            y0, y1 = (top - height * 0.5) / width, (top + TILE - height * 0.5) / width
            x0, x1 = left / width - 0.5, (left + TILE) / width - 0.5
            count = _few_of(centre, reach, place, axes, focal, x0, x1, y0, y1, few)
            for row in range(top, min(top + TILE, height)):
                for column in range(left, min(left + TILE, width)):
                    for ray in range(3):
                        x = (column + (ray + np.random.random()) / 3) / width - 0.5
                        y = (row + np.random.random() - height * 0.5) / width
                        dx, dy, dz, slant = _ray(axes, x, y, focal)
                        n, t = nearest(
                            place[0], place[1], place[2], dx, dy, dz, few, count, centre, half, turn, reach, shape, inner, cards, FAR
                        )
                        rise = min(max(dz * 2.0 + 0.2, 0.0), 1.0)
                        if n < 0:
                            for k in range(3):
                                picture[row, column, k] += (sky_low[k] * (1.0 - rise) + sky_high[k] * rise) / 3
                            continue
                        inverse[row, column] = max(inverse[row, column], slant / (t * focal))
                        px, py, pz = place[0] + dx * t - centre[n, 0], place[1] + dy * t - centre[n, 1], place[2] + dz * t - centre[n, 2]
                        w = turn[n]
                        lx, ly, lz = _turned(w, px, py, pz)
                        ux, uy, uz = lx / half[n, 0], ly / half[n, 1], lz / half[n, 2]
                        a, b, c = _normal(shape[n], ux, uy, uz)
                        a, b, c = a / half[n, 0], b / half[n, 1], c / half[n, 2]
                        nx, ny, nz = (
                            w[0, 0] * a + w[1, 0] * b + w[2, 0] * c,
                            w[0, 1] * a + w[1, 1] * b + w[2, 1] * c,
                            w[0, 2] * a + w[1, 2] * b + w[2, 2] * c,
                        )
                        length = np.sqrt(nx * nx + ny * ny + nz * nz)
                        facing = (nx * dx + ny * dy + nz * dz) / length
                        if facing > 0.0:
                            length = -length
                        nx, ny, nz, facing = nx / length, ny / length, nz / length, max(abs(facing), 0.05)
                        bx, by, bz = dx + 2.0 * facing * nx, dy + 2.0 * facing * ny, dz + 2.0 * facing * nz
                        texel = _texel(lx, ly, lz, ux, uy, uz, repeat[n], shift[n], t / (width * focal) / facing)
                        seen = _reflected(bx, by, bz)
                        open_air = (1.0 - depth_of_shade * (1.0 - occlusion[row, column])) * (0.8 + 0.2 * nz)
                        for k in range(3):
                            own = (textures[texture[n], texel, k] / 255.0) ** 2
                            if photo[n]:
                                own = own * bright[n, k]
                            else:
                                own = dark[n, k] * (1.0 - own) + bright[n, k] * own
                            colour[k] = own * ambient[k] * open_air
                            for lamp in range(len(toward)):
                                q = toward[lamp]
                                lit = max(nx * q[0] + ny * q[1] + nz * q[2], 0.0)
                                shine = gloss[n] * max(bx * q[0] + by * q[1] + bz * q[2], 0.0) ** 20
                                colour[k] += (own * lit + shine) * lamp_colour[lamp, k] * shade[row, column, lamp]
                            if mirror[n] > 0.0:
                                around = (textures[texture[n] // 3 * 3, seen, k] / 255.0) ** 2
                                colour[k] = colour[k] * (1.0 - mirror[n]) + around * mirror[n]
                            colour[k] = colour[k] * (1.0 - min(glow[n], 1.0)) + own * glow[n]
                            fog = np.exp(-haze * t)
                            sky = sky_low[k] * (1.0 - rise) + sky_high[k] * rise
                            picture[row, column, k] += (colour[k] * fog + sky * (1.0 - fog)) / 3


@compiled
def _turned(w: Array, x: float, y: float, z: float) -> tuple[float, float, float]:
    return w[0, 0] * x + w[0, 1] * y + w[0, 2] * z, w[1, 0] * x + w[1, 1] * y + w[1, 2] * z, w[2, 0] * x + w[2, 1] * y + w[2, 2] * z


@compiled
def _normal(shape: int, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Of a unit shape at a point of it; not of unit length."""
    if shape == BOX:
        if abs(x) >= abs(y) and abs(x) >= abs(z):
            return np.sign(x), 0.0, 0.0
        return (0.0, np.sign(y), 0.0) if abs(y) >= abs(z) else (0.0, 0.0, np.sign(z))
    if shape == BALL:
        return x, y, z
    if shape in (DRUM, TUBE):
        return (0.0, 0.0, np.sign(z)) if shape == DRUM and abs(z) > 0.9999 else (x, y, 0.0)
    if shape == CONE:
        return (0.0, 0.0, -1.0) if z < -0.9999 else (x, y, (1.0 - z) * 0.25 + 1e-9)
    return 0.0, 0.0, 1.0


@compiled
def _texel(lx: float, ly: float, lz: float, ux: float, uy: float, uz: float, repeat: float, shift: Array, footprint: float) -> int:
    """Where in the atlas's row is the texture on the side that the point faces; in a smaller copy where a pixel covers many texels."""
    x, y, z = abs(ux), abs(uy), abs(uz)
    if x >= y and x >= z:
        u, v = ly, lz
    elif y >= z:
        u, v = lx, lz
    else:
        u, v = lx, ly
    u, v = u * repeat + shift[0], v * repeat + shift[1]
    covered = footprint * repeat * 128.0
    level = 0 if covered < 2.0 else 1 if covered < 8.0 else 2 if covered < 32.0 else 3
    side = _SIDES[level]
    column, row = int((u - np.floor(u)) * side) % side, int((v - np.floor(v)) * side) % side
    return _STARTS[level] + (side - 1 - row) * side + column  # type: ignore[no-any-return]


@compiled
def _reflected(x: float, y: float, z: float) -> int:
    """Where in the atlas's row a mirror finds what lies in that direction, were the surroundings a photograph."""
    column = int((np.arctan2(y, x) / 6.2832 + 0.5) * 31.9)
    row = int((0.5 - z * 0.5) * 31.9)
    return _STARTS[1] + min(max(row, 0), 31) * 32 + column  # type: ignore[no-any-return]
