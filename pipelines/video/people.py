"""Faces in the frames of a film, for cutting and choosing pictures around people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import ModelUnavailable
from pipelines.recipe import Kitchen
from pipelines.vision import centerface, haar
from pipelines.vision.networks import Network, load_network
from pipelines.vision.sources import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 480  # pixels of the longer side of the pictures that are searched
_SURE = 0.55  # the least score of a face


@dataclass(frozen=True)
class Face:
    """A face as shares of the picture's width and height, so that it fits the picture in any size."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


class FaceFinder:
    """Finds faces with the model that `vision.faces` uses, or with OpenCV's cascade where its weights cannot be had.

    The same picture always gives the same faces. notes: what a person should know about how they were looked for.
    """

    def __init__(self, kitchen: Kitchen) -> None:
        self.notes: list[str] = []
        try:
            self._network: Network | None = load_network(kitchen.weight("centerface"))
        except ModelUnavailable as error:
            self._network = None
            self.notes.append(f"Faces were looked for with OpenCV's cascade, which finds fewer: {error.detail}")

    def find(self, picture: NDArray[Any]) -> list[Face]:
        """The faces in a picture (height x width x 3, RGB of 8 bits), the largest first."""
        frame = Frame(uuid.UUID(int=0), 0, None, picture)
        if self._network is None:
            (found,) = haar.find([frame])
        else:
            (found,) = centerface.find(self._network, [frame], longest=LONGEST, least=_SURE)
        high, wide = picture.shape[:2]
        faces = [_share(face["box"], wide, high) for face in found]
        return sorted(faces, key=lambda face: face.area, reverse=True)


def _share(box: list[float], wide: int, high: int) -> Face:
    left, top, right, bottom = box
    return Face(max(0.0, left / wide), max(0.0, top / high), min(1.0, right / wide), min(1.0, bottom / high))
