"""Places: rooms, streets and fields, table tops, and a person before any of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.depth import things
from training.depth.building import BALL, BOX, CARD, CARDS, Heap, surface, upright
from training.depth.render import Light, View
from training.depth.solids import Solids

Array = np.ndarray[Any, Any]
_CARD_UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])


def any_scene(rng: np.random.Generator) -> tuple[Solids, View, Light]:
    """Half are rooms. The camera looks along +y, mostly a little downward."""
    way = rng.random()
    if way < 0.5:
        return _room(rng)
    if way < 0.7:
        return _outside(rng)
    return _table_top(rng) if way < 0.88 else _portrait(rng)


def _room(rng: np.random.Generator) -> tuple[Solids, View, Light]:
    heap, eye = Heap(rng), rng.uniform(0.5, 1.9)
    far = rng.uniform(2.2, 8.0)
    _walls(heap, rng.uniform(1.6, 5.0), far, rng.uniform(2.2, 3.6), rng.normal(0, 0.35))
    for _ in range(rng.integers(3, 14)):
        _put(heap, things.INDOOR, rng.uniform(1.3, far), 0.75)
    if rng.random() < 0.65:
        thing, size = things.INDOOR[rng.integers(len(things.INDOOR))]
        heap.stand(rng.normal(0, 0.25), rng.uniform(1.3, 3.0), 0, rng.normal(0, 0.6))
        thing(heap, size * rng.uniform(0.7, 1.3))
    return heap.solids(), _camera(rng, eye, rng.normal(-0.2, 0.17)), _inside_light(rng)


def _outside(rng: np.random.Generator) -> tuple[Solids, View, Light]:
    heap, eye = Heap(rng), rng.uniform(0.6, 3.0)
    _ground(heap, 0.0, 300.0)
    for side in (-1, 1):
        if rng.random() < 0.6:
            _street_side(heap, side * rng.uniform(3, 14))
    if rng.random() < 0.5:
        heap.stand(rng.normal(0, 4), rng.uniform(8, 60), 0, rng.normal(0, 0.2))
        heap.add(BOX, (0, 0, 0), (rng.uniform(4, 40), 3, rng.uniform(3, 16)), surface(rng, 6))
    for _ in range(rng.integers(0, 4)):  # hills
        heap.add(
            BALL, (rng.normal(0, 90), rng.uniform(80, 250), -5), rng.uniform((30, 20, 8), (120, 60, 40)), surface(rng, 30), casts=False
        )
    for _ in range(rng.integers(4, 18)):
        _put(heap, things.OUTDOOR, np.exp(rng.uniform(0.9, 3.4)), 0.8)
    return heap.solids(), _camera(rng, eye, rng.normal(-0.1, 0.12)), _outside_light(rng)


def _table_top(rng: np.random.Generator) -> tuple[Solids, View, Light]:
    """Height 0 is the table's top."""
    heap, eye = Heap(rng), rng.uniform(0.12, 0.6)
    deep = rng.uniform(0.4, 1.2)
    heap.add(BOX, (0, deep, -0.02), (rng.uniform(0.5, 2.5), deep, 0.02), surface(rng, 0.6))
    heap.stand(0, 0, -0.75)
    far = rng.uniform(1.3, 5.0)
    _walls(heap, rng.uniform(1.5, 4.0), far, rng.uniform(2.2, 3.2), rng.normal(0, 0.3), floor=-0.75)
    for _ in range(rng.integers(0, 6)):
        _put(heap, things.INDOOR, rng.uniform(1.8, 4.5), 0.75, ground=-0.75)
    for _ in range(rng.integers(2, 12)):
        _put(heap, things.SMALL, rng.uniform(0.35, min(1.6, 2 * deep)), 0.55)
    return heap.solids(), _camera(rng, eye, rng.normal(-0.3, 0.2)), _inside_light(rng)


def _portrait(rng: np.random.Generator) -> tuple[Solids, View, Light]:
    heap, inside, far = Heap(rng), rng.random() < 0.5, rng.uniform(2.5, 7.0)
    if inside:
        _walls(heap, rng.uniform(1.6, 4.0), far, rng.uniform(2.4, 3.4), rng.normal(0, 0.3))
    else:
        _ground(heap, 0.0, 200.0)
    for _ in range(rng.integers(2, 10)):
        _put(heap, things.INDOOR if inside else things.OUTDOOR, rng.uniform(2.5, far if inside else 25.0), 0.8)
    for _ in range(rng.integers(1, 4)):
        heap.stand(rng.normal(0, 0.35), rng.uniform(0.7, 2.6), 0, rng.normal(0, 0.7))
        things.person(heap, rng.uniform(1.5, 1.9))
    return heap.solids(), _camera(rng, rng.uniform(1.1, 1.7), rng.normal(-0.05, 0.1)), _inside_light(rng) if inside else _outside_light(rng)


def _put(heap: Heap, choice: Any, away: float, spread: float, ground: float = 0.0) -> None:
    """One of the things, somewhere on the ground at that distance, turned anyhow."""
    rng = heap.rng
    thing, size = choice[rng.integers(len(choice))]
    heap.stand(away * rng.uniform(-spread, spread), away, ground, rng.uniform(0, 2 * np.pi))
    thing(heap, size * rng.uniform(0.6, 1.4))


def _walls(heap: Heap, wide: float, far: float, tall: float, angle: float, floor: float = 0.0) -> None:
    """A room around the camera: the walls, floor and ceiling have their own surfaces, and things hang on the far walls."""
    rng = heap.rng
    near = 1.5
    middle, deep = (far - near) / 2, (far + near) / 2 + 0.3
    heap.stand(0, 0, floor, angle)
    pale = {"photo": False} if rng.random() < 0.7 else {}
    heap.add(BOX, (0, middle, tall / 2), (wide, deep, tall / 2), surface(rng, 1.5, **pale), casts=False)
    heap.add(BOX, (0, middle, -0.05), (wide * 1.1, deep * 1.1, 0.06), surface(rng, 1.0), casts=False)
    heap.add(BOX, (0, middle, tall), (wide * 1.1, deep * 1.1, 0.03), surface(rng, 2.0, **pale), casts=False)
    end = middle + deep
    if rng.random() < 0.5:
        heap.add(BOX, (0, end, 0.05), (wide, 0.03, 0.06), surface(rng, 1.0))
    for _ in range(rng.integers(0, 6)):
        half = rng.uniform(0.15, 0.7, 2)
        glow = 1.0 if rng.random() < 0.2 else 0.0
        at = (rng.uniform(-wide, wide) * 0.9, end - 0.03, rng.uniform(0.5, 0.9) * tall - 0.3)
        heap.add(BOX, at, (half[0], 0.02, half[1]), surface(rng, 0.8, glow=glow))
    for _ in range(rng.integers(0, 8)):  # tools on a board, things on a ledge
        at = (rng.uniform(-wide, wide) * 0.9, end - 0.08, rng.uniform(0.3, 0.9) * tall)
        half = rng.uniform(0.03, 0.25, 3)
        if rng.random() < 0.5:
            heap.add(CARD, at, half, surface(rng, 0.4), _CARD_UPRIGHT, inner=float(rng.integers(CARDS)))
        else:
            heap.add(BOX, at, (half[0], 0.06, half[1]), surface(rng, 0.4))
    for side in (-1, 1):
        for _ in range(rng.integers(0, 3)):
            half = rng.uniform(0.2, 0.8, 2)
            heap.add(BOX, (side * wide, rng.uniform(0.5, end), tall * 0.5), (0.03, half[0], half[1]), surface(rng, 0.8))


def _ground(heap: Heap, level: float, far: float) -> None:
    rng = heap.rng
    heap.stand(0, 0, level)
    heap.add(BOX, (0, far / 2, -0.5), (far, far, 0.5), surface(rng, 2.0, mirror=0.0), casts=False)
    if rng.random() < 0.5:
        heap.add(BOX, (rng.normal(0, 3), far / 2, 0), (rng.uniform(1, 4), far, 0.02), surface(rng, 2.0), casts=False)


def _street_side(heap: Heap, x: float) -> None:
    rng, y = heap.rng, rng_start(heap.rng)
    while y < 80:
        half, tall = rng.uniform(2, 9), rng.uniform(2, 9)
        heap.stand(0, 0, 0)
        heap.add(BOX, (x + np.sign(x) * 4, y + half, tall), (4, half * rng.uniform(0.8, 1.0), tall), surface(rng, 3.0))
        y += 2 * half


def rng_start(rng: np.random.Generator) -> float:
    return float(rng.uniform(-3, 15))


def _camera(rng: np.random.Generator, eye: float, pitch: float) -> View:
    pitch, roll, yaw = float(np.clip(pitch, -0.8, 0.35)), rng.normal(0, 0.025), rng.normal(0, 0.12)
    forward = upright(yaw) @ np.array([0, np.cos(pitch), np.sin(pitch)])
    right = np.cross(forward, (0, 0, 1.0))
    right = right / np.linalg.norm(right)
    down = np.cross(forward, right)
    axes = np.stack([np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right, forward])
    return View(np.array([0, 0, eye]), axes, float(np.exp(rng.uniform(np.log(0.7), np.log(1.7)))))


def _lamp(rng: np.random.Generator, low: float) -> Array:
    way = np.array([rng.normal(0, 0.6), rng.normal(-0.3, 0.6), rng.uniform(low, 1.2)])
    return np.asarray(way / np.linalg.norm(way))


def _tint(rng: np.random.Generator, strength: float) -> Array:
    warm = rng.normal(0, strength)
    return np.array([1 + warm, 1.0, 1 - warm])


def _inside_light(rng: np.random.Generator) -> Light:
    lamps = int(rng.integers(1, 3))
    toward = np.stack([_lamp(rng, 0.5) for _ in range(lamps)])
    colour = np.stack([_tint(rng, 0.12) * rng.uniform(0.15, 0.9) for _ in range(lamps)])
    sky = np.ones(3) * rng.uniform(0.3, 1.2)
    return Light(toward, colour, _tint(rng, 0.08) * rng.uniform(0.3, 0.8), sky, sky, 0.0, rng.uniform(0.5, 1.0))


def _outside_light(rng: np.random.Generator) -> Light:
    low, high = np.ones(3) * rng.uniform(0.6, 1.1), np.array([0.3, 0.5, 0.9]) * rng.uniform(0.3, 1.1)
    if rng.random() < 0.4:
        high = low * rng.uniform(0.7, 1.1)
    sun = _tint(rng, 0.1) * rng.uniform(0.1, 1.4)
    haze = np.exp(rng.uniform(np.log(0.001), np.log(0.04)))
    return Light(_lamp(rng, 0.25)[None], sun[None], np.array([0.9, 1, 1.1]) * rng.uniform(0.3, 0.7), low, high, haze, rng.uniform(0.4, 0.9))
