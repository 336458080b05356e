"""Things that stand about in scenes. Each is put together at the heap's place, on its ground, about `size` metres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from training.depth.building import BALL, BOX, CARD, CARDS, CONE, DRUM, RING, TUBE, Heap, any_turn, surface, toward

Thing = Callable[[Heap, float], None]


def crate(heap: Heap, size: float) -> None:
    rng = heap.rng
    w, d, h = size * rng.uniform(0.2, 0.6, 3)
    heap.add(BOX, (0, 0, h), (w, d, h), surface(rng, size))
    if rng.random() < 0.4:
        crown = size * rng.uniform(0.1, 0.3)
        heap.add(int(rng.choice([BOX, BALL, DRUM, CONE])), (0, 0, 2 * h + crown), (crown, crown, crown), surface(rng, size))


def table(heap: Heap, size: float) -> None:
    rng, top, leg = heap.rng, surface(heap.rng, size), surface(heap.rng, size)
    w, d, h = size * rng.uniform(0.4, 0.9), size * rng.uniform(0.25, 0.6), size * rng.uniform(0.4, 0.8)
    heap.add(BOX, (0, 0, h), (w, d, 0.02 * size + 0.01), top)
    thick = size * rng.uniform(0.015, 0.04)
    for x in (-w * 0.93, w * 0.93):
        for y in (-d * 0.9, d * 0.9):
            heap.bar((x, y, 0), (x, y, h), thick, leg)
    for _ in range(rng.integers(0, 7)):
        small = size * rng.uniform(0.03, 0.14)
        _bit(heap, (rng.uniform(-w, w) * 0.85, rng.uniform(-d, d) * 0.8, h + small), small)


def chair(heap: Heap, size: float) -> None:
    rng, wood = heap.rng, surface(heap.rng, size)
    w, h = size * 0.25, size * 0.45
    heap.add(BOX, (0, 0, h), (w, w, size * 0.03), surface(rng, size))
    for x in (-w, w):
        for y in (-w, w):
            heap.bar((x, y, 0), (x, y, h if y < 0 else size), size * 0.02, wood)
    heap.add(BOX, (0, w, size * 0.8), (w, size * 0.02, size * rng.uniform(0.06, 0.25)), wood)


def shelf(heap: Heap, size: float) -> None:
    rng, wood = heap.rng, surface(heap.rng, size)
    w, d, h, thick = size * rng.uniform(0.3, 0.8), size * rng.uniform(0.12, 0.25), size * rng.uniform(0.6, 1.1), 0.015 * size
    for x in (-w, w):
        heap.add(BOX, (x, 0, h), (thick, d, h), wood)
    if rng.random() < 0.6:
        heap.add(BOX, (0, d, h), (w, thick, h), wood)
    boards = int(rng.integers(3, 6))
    for z in np.linspace(thick, 2 * h, boards):
        heap.add(BOX, (0, 0, z), (w, d, thick), wood)
        x = -w
        while x < w * 0.9 and z < 2 * h - 0.05:
            wide, tall = size * rng.uniform(0.02, 0.1), (2 * h / boards) * rng.uniform(0.2, 0.42)
            if rng.random() < 0.75:
                made = int(rng.choice([BOX, BOX, DRUM, BALL]))
                heap.add(
                    made,
                    (x + wide, rng.uniform(-0.4, 0.1) * d, z + thick + tall),
                    (wide * 0.9, d * rng.uniform(0.4, 0.8), tall),
                    surface(rng, size),
                )
            x += 2 * wide


def sofa(heap: Heap, size: float) -> None:
    rng, cloth = heap.rng, surface(heap.rng, size)
    w, d, h = size * rng.uniform(0.4, 0.9), size * 0.4, size * 0.2
    heap.add(BOX, (0, 0, h), (w, d, h), cloth)
    heap.add(BOX, (0, d, 2 * h), (w, d * 0.3, 2 * h), cloth)
    for x in (-w, w):
        heap.add(BOX, (x, 0, h * 1.5), (size * 0.07, d, h * 1.5), cloth)
    for _ in range(rng.integers(0, 4)):
        heap.add(BALL, (rng.uniform(-w, w) * 0.8, d * 0.4, 2.6 * h), size * np.array([0.2, 0.08, 0.18]), surface(rng, size))


def plant(heap: Heap, size: float) -> None:
    rng, leaf = heap.rng, surface(heap.rng, size * 0.3, photo=False)
    pot = size * rng.uniform(0.1, 0.2)
    heap.add(int(rng.choice([DRUM, TUBE, BOX])), (0, 0, pot), (pot, pot, pot), surface(rng, size))
    heap.bar((0, 0, pot), (0, 0, size), size * 0.015, surface(rng, size))
    for _ in range(rng.integers(6, 26)):
        at = rng.standard_normal(3) * size * 0.16 + (0, 0, size * rng.uniform(0.4, 1.0))
        if rng.random() < 0.6:
            heap.add(CARD, at, size * rng.uniform(0.08, 0.25, 3), leaf, any_turn(rng), inner=float(rng.integers(CARDS)))
        else:
            heap.add(BALL, at, size * rng.uniform(0.03, 0.15, 3), leaf, any_turn(rng))


def tree(heap: Heap, size: float) -> None:
    rng, leaf = heap.rng, surface(heap.rng, size * 0.3)
    trunk = size * rng.uniform(0.015, 0.05)
    heap.bar((0, 0, 0), (0, 0, size * 0.7), trunk, surface(rng, size))
    if rng.random() < 0.25:
        heap.add(CONE, (0, 0, size * 0.6), (size * 0.25, size * 0.25, size * 0.45), leaf)
        return
    for _ in range(rng.integers(5, 16)):
        at = rng.standard_normal(3) * size * 0.15 + (0, 0, size * 0.75)
        made = BALL if rng.random() < 0.6 else CARD
        heap.add(made, at, size * rng.uniform(0.08, 0.25, 3), leaf, any_turn(rng), inner=float(rng.integers(CARDS)))


def person(heap: Heap, size: float) -> None:
    """A figure of ellipsoids, standing, `size` metres tall."""
    rng, skin, shirt, cloth = heap.rng, surface(heap.rng, 1, mirror=0.0), surface(heap.rng, 0.5), surface(heap.rng, 0.5)
    lean, wide = rng.uniform(-0.03, 0.03, 2) * size, rng.uniform(0.85, 1.2)
    heap.add(BALL, (*lean, size * 0.93), size * np.array([0.045, 0.055, 0.068]), skin)
    heap.add(BALL, (lean[0], lean[1] + 0.012 * size, size * 0.945), size * np.array([0.05, 0.055, 0.065]), cloth)
    heap.bar((*lean, size * 0.8), (*lean, size * 0.9), size * 0.03, skin)
    heap.add(BALL, (*lean / 2, size * 0.69), size * np.array([0.11 * wide, 0.07, 0.17]), shirt)
    heap.add(BALL, (*lean / 2, size * 0.79), size * np.array([0.125 * wide, 0.055, 0.05]), shirt)
    heap.add(BALL, (0, 0, size * 0.53), size * np.array([0.095 * wide, 0.07, 0.1]), cloth)
    for side in (-1, 1):
        knee = np.array([side * 0.055, rng.uniform(-0.08, 0.03), 0.27]) * size
        foot = np.array([side * 0.06, rng.uniform(-0.03, 0.1), 0.02]) * size
        heap.bar((side * 0.05 * size, 0, 0.5 * size), knee, size * 0.045, cloth)
        heap.bar(knee, foot, size * 0.033, cloth)
        heap.add(BALL, foot - np.array([0, 0.04, 0]) * size, size * np.array([0.025, 0.07, 0.025]), surface(rng, 0.3))
        elbow = np.array([side * rng.uniform(0.15, 0.22), rng.uniform(-0.1, 0.05), rng.uniform(0.6, 0.75)]) * size
        hand = elbow + rng.uniform((-0.1, -0.15, -0.15), (0.1, 0.0, 0.12)) * size
        heap.bar((side * 0.12 * wide * size, 0, 0.79 * size), elbow, size * 0.03, shirt)
        heap.bar(elbow, hand, size * 0.022, skin)


def machine(heap: Heap, size: float) -> None:
    """Wheels, rods, tanks and boxes near one another, as bicycles, engines and tools have."""
    rng, metal, tyre = heap.rng, surface(heap.rng, size, gloss=0.5, mirror=0.4), surface(heap.rng, size, photo=False)
    wheel, apart = size * rng.uniform(0.14, 0.24), size * rng.uniform(0.25, 0.45)
    if rng.random() < 0.75:
        for x in (-apart, apart):
            across = toward(np.array([rng.uniform(-0.15, 0.15), 1.0, 0.0]) / np.hypot(1, 0.15))
            heap.add(TUBE, (x, 0, wheel), (wheel, wheel, size * rng.uniform(0.01, 0.06)), tyre, across)
            heap.add(RING, (x, 0.01, wheel), (wheel, wheel, 1), tyre, across, inner=rng.uniform(0.6, 0.9))
            for angle in np.linspace(0, np.pi, int(rng.integers(2, 7)), endpoint=False):
                spoke = np.array([np.cos(angle), 0, np.sin(angle)]) * wheel * 0.95
                heap.bar(np.array([x, 0, wheel]) - spoke, np.array([x, 0, wheel]) + spoke, size * 0.006, metal)
    joints = rng.uniform((-apart, -0.08 * size, wheel * 0.6), (apart, 0.08 * size, size * 0.65), (8, 3))
    for _ in range(rng.integers(5, 14)):
        a, b = joints[rng.choice(8, 2, replace=False)]
        heap.bar(a, b, size * rng.uniform(0.005, 0.03), metal if rng.random() < 0.5 else surface(rng, size))
    for _ in range(rng.integers(3, 10)):
        made = int(rng.choice([BALL, BALL, BOX, DRUM]))
        turn = any_turn(rng) if rng.random() < 0.4 else None
        heap.add(made, joints[rng.integers(8)], size * rng.uniform(0.03, 0.18, 3) * (1, 0.6, 0.8), surface(rng, size), turn)


def lamp(heap: Heap, size: float) -> None:
    rng = heap.rng
    heap.bar((0, 0, 0), (0, 0, size), size * rng.uniform(0.006, 0.02), surface(rng, size))
    heap.add(DRUM, (0, 0, 0.01), (size * 0.1, size * 0.1, 0.01), surface(rng, size))
    shade = size * rng.uniform(0.06, 0.16)
    heap.add(
        int(rng.choice([CONE, BALL, TUBE])), (0, 0, size), (shade, shade, shade), surface(rng, size, glow=float(rng.choice([0.0, 0.9])))
    )


def bottle(heap: Heap, size: float) -> None:
    rng, glass = heap.rng, surface(heap.rng, size, gloss=0.6)
    r, h = size * rng.uniform(0.1, 0.25), size * rng.uniform(0.25, 0.4)
    heap.add(DRUM, (0, 0, h), (r, r, h), glass)
    heap.add(BALL, (0, 0, 2 * h), (r, r, r), glass)
    heap.bar((0, 0, 2 * h), (0, 0, 2 * h + r * 2.2), r * 0.35, surface(rng, size))
    heap.add(TUBE, (0, 0, h), (r * 1.01, r * 1.01, h * rng.uniform(0.3, 0.8)), surface(rng, size))


def car(heap: Heap, size: float) -> None:
    rng, paint, tyre = heap.rng, surface(heap.rng, size, gloss=0.5, photo=False), surface(heap.rng, 1, photo=False)
    w, d, h = size * 0.5, size * 0.2, size * 0.075
    heap.add(BOX, (0, 0, size * 0.06 + h), (w, d, h), paint)
    cabin = size * rng.uniform(0.2, 0.32)
    heap.add(
        BALL,
        (rng.uniform(-0.1, 0.1) * size, 0, size * 0.06 + 2 * h),
        (cabin, d * 0.9, size * rng.uniform(0.1, 0.16)),
        surface(rng, size, mirror=0.5),
    )
    for x in (-0.3, 0.3):
        for y in (-1, 1):
            heap.add(DRUM, (x * size, y * d, size * 0.07), (size * 0.07, size * 0.07, size * 0.03), tyre, toward(np.array([0, 1.0, 0])))


def board(heap: Heap, size: float) -> None:
    """A sign, a screen, a cut-out: flat and upright."""
    rng = heap.rng
    half, stand = size * rng.uniform(0.15, 0.5, 2), size * rng.uniform(0.0, 0.5)
    upright_card = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])
    heap.add(CARD, (0, 0, stand + half[1]), (half[0], half[1], 1), surface(rng, size), upright_card, inner=float(rng.integers(CARDS)))
    heap.bar((0, 0.02, 0), (0, 0.02, stand + half[1]), size * 0.015, surface(rng, size))


def pile(heap: Heap, size: float) -> None:
    """Anything beside and on anything."""
    rng = heap.rng
    for _ in range(rng.integers(3, 12)):
        small = size * rng.uniform(0.06, 0.3)
        x, y = rng.standard_normal(2) * size * 0.3
        _bit(heap, (x, y, small * rng.uniform(0.6, 1.6)), small)


def column(heap: Heap, size: float) -> None:
    rng = heap.rng
    heap.bar((0, 0, 0), (0, 0, size * rng.uniform(1, 3)), size * rng.uniform(0.02, 0.1), surface(rng, size))


def fence(heap: Heap, size: float) -> None:
    rng, wood = heap.rng, surface(heap.rng, size)
    tall = size * rng.uniform(0.3, 0.7)
    for x in np.arange(-size, size, size * rng.uniform(0.06, 0.2)):
        heap.bar((x, 0, 0), (x, 0, tall), size * 0.012, wood)
    for z in (tall * 0.3, tall * 0.95):
        heap.bar((-size, 0, z), (size, 0, z), size * 0.015, wood)


def _bit(heap: Heap, at: tuple[float, float, float], small: float) -> None:
    rng = heap.rng
    turn = any_turn(rng) if rng.random() < 0.3 else None
    heap.add(int(rng.choice([BOX, BOX, BALL, DRUM, CONE, TUBE])), at, small * rng.uniform(0.4, 1.0, 3), surface(rng, small * 3), turn)


INDOOR: tuple[tuple[Thing, float], ...] = (
    (crate, 0.7), (table, 1.1), (chair, 1.0), (shelf, 1.6), (sofa, 1.6), (plant, 1.0), (person, 1.75), (machine, 1.8), (machine, 1.2),
    (lamp, 1.5), (bottle, 0.6), (board, 1.0), (pile, 0.9), (pile, 0.6), (column, 1.0), (crate, 0.4),
)  # fmt: skip
OUTDOOR: tuple[tuple[Thing, float], ...] = (
    (tree, 5.0), (tree, 3.0), (person, 1.75), (person, 1.7), (car, 4.2), (machine, 2.0), (board, 2.0), (fence, 2.0), (column, 2.5),
    (crate, 1.5), (pile, 1.5), (plant, 1.2), (chair, 1.0),
)  # fmt: skip
SMALL: tuple[tuple[Thing, float], ...] = (
    (bottle, 0.3), (crate, 0.25), (pile, 0.3), (plant, 0.4), (machine, 0.35), (board, 0.3), (lamp, 0.4), (bottle, 0.2), (crate, 0.15),
    (pile, 0.2),
)  # fmt: skip
