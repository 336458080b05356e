"""Putting solids together: a heap that collects them, and what surfaces they get."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.depth.solids import BALL, BOX, CARD, CONE, DRUM, RING, TUBE, Solids

Array = np.ndarray[Any, Any]
TEXTURES, CARDS = 90, 24


@dataclass(frozen=True)
class Surface:
    """texture: its number. repeat: textures a metre. dark, light: RGB. photo: the texture's own colours."""

    texture: int
    repeat: float
    dark: Array
    light: Array
    photo: bool
    gloss: float
    mirror: float
    glow: float = 0.0


@dataclass
class Heap:
    """Solids of a scene in the making. turned, at: where what is added next stands: a turn about the vertical, and a place."""

    rng: np.random.Generator
    rows: list[dict[str, Any]] = field(default_factory=list)
    at: Array = field(default_factory=lambda: np.zeros(3))
    turned: Array = field(default_factory=lambda: np.eye(3))

    def stand(self, x: float, y: float, z: float, angle: float = 0.0) -> None:
        self.at = np.array([x, y, z])
        self.turned = upright(angle)

    def add(
        self, shape: int, centre: Any, half: Any, surface: Surface, turn: Array | None = None, inner: float = 0.0, casts: bool = True
    ) -> None:
        """centre in the frame that `stand` set; turn: columns are the solid's axes in that frame."""
        half = np.maximum(np.asarray(half, float), 2e-3)
        turn = self.turned @ (np.eye(3) if turn is None else turn)
        reach = (
            float(np.linalg.norm(half)) if shape == BOX else float(max(half)) if shape == BALL else float(np.hypot(max(half[:2]), half[2]))
        )
        if shape == CARD:
            reach = float(np.hypot(half[0], half[1]))
        self.rows.append(
            {
                "centre": self.at + self.turned @ np.asarray(centre, float), "half": half, "turn": turn.T, "reach": reach,
                "shape": shape, "inner": inner, "casts": casts, "texture": surface.texture, "repeat": surface.repeat,
                "shift": self.rng.random(2), "dark": surface.dark, "light": surface.light, "photo": surface.photo,
                "gloss": surface.gloss, "mirror": surface.mirror, "glow": surface.glow,
            }
        )  # fmt: skip

    def bar(self, start: Any, end: Any, radius: float, surface: Surface, shape: int = DRUM) -> None:
        """A rod between two points."""
        start, end = np.asarray(start, float), np.asarray(end, float)
        length = float(np.linalg.norm(end - start)) or 1e-3
        self.add(shape, (start + end) / 2, (radius, radius, length / 2), surface, toward((end - start) / length))

    def solids(self) -> Solids:
        whole = {"shape": np.int32, "texture": np.int32, "casts": np.uint8, "photo": np.uint8}
        names = self.rows[0]
        return Solids(**{name: np.array([row[name] for row in self.rows], whole.get(name, np.float64)) for name in names})


def upright(angle: float) -> Array:
    """A turn about the vertical."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def toward(way: Array) -> Array:
    """A turn whose third axis is `way`."""
    side = np.cross(way, (0, 0, 1.0)) if abs(way[2]) < 0.95 else np.cross(way, (1.0, 0, 0))
    side = side / np.linalg.norm(side)
    return np.stack([side, np.cross(way, side), way], 1)


def any_turn(rng: np.random.Generator) -> Array:
    way = rng.standard_normal(3)
    return toward(way / np.linalg.norm(way))


def surface(rng: np.random.Generator, scale: float = 1.0, **given: Any) -> Surface:
    """A material for a thing of `scale` metres. Colours are mostly pale or dim, seldom strong."""
    number = int(rng.integers(TEXTURES))
    photo = number % 3 == 0
    base = colour(rng)
    contrast = rng.uniform(0.0, 1.0) ** 2 * 0.9 if rng.random() < 0.75 else 0.95
    dark = base * (1 - contrast)
    light = base if rng.random() < 0.7 else colour(rng)
    wanted: dict[str, Any] = {
        "texture": number,
        "repeat": float(np.exp(rng.uniform(-0.7, 1.2)) / scale),
        "dark": dark,
        "light": np.ones(3) * rng.uniform(0.5, 1.2) if photo else light,
        "photo": photo,
        "gloss": float(rng.choice([0.0, 0.0, 0.1, 0.4])) * rng.random(),
        "mirror": float(rng.random() < 0.12) * rng.uniform(0.1, 0.8),
    }
    return Surface(**{**wanted, **given})


def colour(rng: np.random.Generator) -> Array:
    """Linear RGB."""
    hue, strong = rng.random(), rng.random() < 0.2
    saturation = rng.uniform(0.4, 0.95) if strong else rng.uniform(0.0, 0.35)
    value = rng.uniform(0.03, 0.95) ** 1.3
    wheel = np.clip(np.abs((hue + np.array([0, 2 / 3, 1 / 3])) % 1 * 6 - 3) - 1, 0, 1)
    return np.asarray(value * (1 - saturation + saturation * wheel))


__all__ = [
    "BALL",
    "BOX",
    "CARD",
    "CARDS",
    "CONE",
    "DRUM",
    "RING",
    "TEXTURES",
    "TUBE",
    "Heap",
    "Surface",
    "any_turn",
    "colour",
    "surface",
    "toward",
    "upright",
]
