"""Relative depth of pictures by the network that Drumbeat trained, kept warm on the GPU where there is one."""

from __future__ import annotations

import functools
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from pipelines.vision.midas.encoder import WIDTHS, Backbone
from pipelines.vision.midas.network import STRIDE, Decoder, unpack

Array = np.ndarray[Any, Any]
_AREA = 192 * 256  # pixels that the network was trained on, whatever their shape


@functools.lru_cache(maxsize=2)
def load_estimator(nanodet: Path) -> Estimator:
    """May be called for each job: loaded once a process."""
    return Estimator(nanodet)


class Estimator:
    """device: where it runs. In half precision on a GPU."""

    def __init__(self, nanodet: Path) -> None:
        self.device = "cuda:0" if torch.cuda.is_available() else "cpu"
        self._type = torch.float16 if self.device != "cpu" else torch.float32
        with as_file(files(__package__) / "depth-small.npz") as weights:
            decoder = unpack(dict(np.load(weights)), Decoder(WIDTHS))
        self._encoder = Backbone(nanodet).to(self.device, self._type)
        self._decoder = decoder.to(self.device, self._type)

    def estimate(self, pictures: list[Array]) -> list[Array]:
        """(height, width, 3) uint8 each -> (rows, columns) float32 at a quarter of the network's size; near is high.

        Pictures of one shape share a batch. Each is seen as it is and mirrored.
        """
        made: list[Array | None] = [None] * len(pictures)
        shapes = [_network_size(*picture.shape[:2]) for picture in pictures]
        for shape in sorted(set(shapes)):
            numbers = [number for number, found in enumerate(shapes) if found == shape]
            for number, depth in zip(numbers, self._batch([pictures[number] for number in numbers], shape), strict=True):
                made[number] = depth
        return [depth for depth in made if depth is not None]

    @torch.inference_mode()
    def _batch(self, pictures: list[Array], shape: tuple[int, int]) -> list[Array]:
        small = np.stack([cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA) for picture in pictures])
        images = torch.from_numpy(small).to(self.device).permute(0, 3, 1, 2).to(self._type) / 255
        both: Tensor = self._decoder(self._encoder(torch.cat([images, images.flip(3)]))).float()
        straight, mirrored = both.chunk(2)
        return list(((straight + mirrored.flip(2)) / 2).cpu().numpy())


def _network_size(height: int, width: int) -> tuple[int, int]:
    """The picture's shape in the network's area, in whole strides."""
    scale = (_AREA / (height * width)) ** 0.5
    rows, columns = (max(round(side * scale / STRIDE), 2) * STRIDE for side in (height, width))
    return min(rows, 512), min(columns, 512)
