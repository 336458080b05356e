"""Relative depth by the weights that MiDaS's authors published, as ONNX: version 2.1, small."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipelines.vision.networks import load_network

Array = np.ndarray[Any, Any]
SIDE = 256
_MEAN, _DEVIATION = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)  # ImageNet's


@functools.lru_cache(maxsize=2)
def load_published(path: Path) -> Published:
    """May be called for each job: loaded once a process."""
    return Published(path)


class Published:
    """The files were exported with the normalisation of their pictures inside; whether it is there is read from the graph."""

    def __init__(self, path: Path) -> None:
        self._network = load_network(path)
        self._normalises = normalises(path)
        self.device, self.notes = self._network.device, self._network.notes

    def estimate(self, pictures: list[Array]) -> list[Array]:
        """(height, width, 3) uint8 each -> (256, 256) float32 inverse depth to a scale and shift of its own, stretched as they were."""
        return [np.asarray(self._network.run(self._shown(picture))[0], np.float32).reshape(SIDE, SIDE) for picture in pictures]

    def _shown(self, picture: Array) -> Array:
        """One at a time: the export's batch size is one."""
        small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        small = small if self._normalises else (small - _MEAN) / _DEVIATION
        return np.ascontiguousarray(small.transpose(2, 0, 1)[None])


def normalises(path: Path) -> bool:
    """Whether the graph subtracts a mean from its input before the first convolution sees it."""
    import onnx

    graph = onnx.load(str(path)).graph
    seen, arithmetic = {graph.input[0].name}, False
    for node in graph.node:
        if not seen.intersection(node.input):
            continue
        if node.op_type == "Conv":
            return arithmetic
        arithmetic = arithmetic or node.op_type in ("Sub", "Add", "BatchNormalization")
        seen.update(node.output)
    return arithmetic
