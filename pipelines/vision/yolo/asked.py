"""What is asked of an engine that finds objects, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.vision.sources import Frame

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Asked:
    """least: score. overlap: of two boxes of a class, above which the weaker goes. wanted: class numbers, None for all. most: a picture."""

    least: float
    overlap: float
    wanted: list[int] | None
    most: int


@dataclass(frozen=True)
class Boxes:
    """What one picture holds, the surest first. corners: (n, 4) left, top, right, bottom in pixels of the original."""

    corners: Array
    scores: Array
    classes: Array


class Engine(Protocol):
    """batch: pictures at once. notes: what the user should know about how it runs."""

    @property
    def names(self) -> dict[int, str]: ...

    @property
    def engine(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def notes(self) -> list[str]: ...

    @property
    def batch(self) -> int: ...

    def find(self, frames: list[Frame], asked: Asked) -> list[Boxes]:
        """What each frame holds."""
