"""Objects with onnxruntime alone: any model with the output of a YOLO export, without ultralytics and its licence."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.vision.letterbox import Fitted, batch_of, centred
from pipelines.vision.networks import Network, load_network
from pipelines.vision.sources import Frame
from pipelines.vision.yolo.asked import Asked, Boxes
from pipelines.vision.yolo.onnx_file import facts_of

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_END_TO_END = 6  # numbers a row where the export suppressed overlaps itself: corners, score, class


@dataclass(frozen=True)
class OnnxObjects:
    network: Network
    names: dict[int, str]
    size: tuple[int, int]
    batch: int

    @property
    def engine(self) -> str:
        return self.network.engine

    @property
    def device(self) -> str:
        return self.network.device

    @property
    def notes(self) -> list[str]:
        return self.network.notes

    def find(self, frames: list[Frame], asked: Asked) -> list[Boxes]:
        """May run twice."""
        fitted = [centred(frame.pixels, *self.size) for frame in frames]
        found = self.network.run(batch_of(fitted, 1 / 255))[0]
        return [_boxes(rows, one, frame, asked) for rows, one, frame in zip(found, fitted, frames, strict=True)]


@functools.lru_cache(maxsize=4)
def load(path: Path) -> OnnxObjects:
    """Once a process. Raises MediaUnreadable for a file that is no detector."""
    facts, network = facts_of(path), load_network(path)
    together = 8 if network.device == "cpu" else 32
    return OnnxObjects(network, facts.names, facts.size, together if facts.is_batched else 1)


def _boxes(rows: Array, fitted: Fitted, frame: Frame, asked: Asked) -> Boxes:
    """rows: one picture's output, (4 + classes, n) or (n, 6)."""
    import numpy as np

    corners, scores, classes = _corners(rows) if rows.shape[-1] == _END_TO_END else _centres(rows, asked)
    wanted = scores >= asked.least
    if asked.wanted is not None:
        wanted &= np.isin(classes, asked.wanted)
    corners, scores, classes = corners[wanted], scores[wanted], classes[wanted]
    kept = _kept(corners, scores, classes, asked)
    size = (frame.pixels.shape[1], frame.pixels.shape[0])
    return Boxes(fitted.back(corners[kept].reshape(-1, 2, 2), size).reshape(-1, 4), scores[kept], classes[kept])


def _corners(rows: Array) -> tuple[Array, Array, Array]:
    return rows[:, :4], rows[:, 4], rows[:, 5]


def _centres(rows: Array, asked: Asked) -> tuple[Array, Array, Array]:
    """From middle, size and a score a class; only columns that may count are looked at further."""
    import numpy as np

    rows = rows[:, rows[4:].max(axis=0) >= asked.least]
    half = rows[2:4] / 2
    corners = np.concatenate([rows[:2] - half, rows[:2] + half]).T
    return corners, rows[4:].max(axis=0), rows[4:].argmax(axis=0)


def _kept(corners: Array, scores: Array, classes: Array, asked: Asked) -> Array:
    """Indices of the boxes that stay, the surest first; boxes of different classes may overlap."""
    import cv2
    import numpy as np

    boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxesBatched(boxes.tolist(), scores.tolist(), classes.astype(int).tolist(), asked.least, asked.overlap)
    return np.array(kept, int).ravel()[: asked.most]
