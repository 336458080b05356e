"""CenterFace (Xu et al. 2019): faces as the peaks of a heat map, with their size, offset and five points."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from pipelines.vision.detection import Found, rounded
from pipelines.vision.letterbox import Fitted, batch_of, reduced
from pipelines.vision.networks import Network
from pipelines.vision.sources import Frame

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

POINTS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")  # left and right as one sees the picture
_STEP = 32  # the network halves its input five times
_CELL = 4  # pixels of the input that one cell of the maps stands for
_OVERLAP = 0.3


def find(network: Network, frames: list[Frame], *, longest: int, least: float) -> list[Found]:
    """The faces of each frame, the surest first. Frames that are fitted to the same size go through the network together."""
    fitted = [reduced(frame.pixels, longest, _STEP) for frame in frames]
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, one in enumerate(fitted):
        alike[one.pixels.shape].append(number)
    found: list[Found] = [[] for _ in frames]
    for numbers in alike.values():
        maps = network.run(batch_of([fitted[number] for number in numbers], 1.0))
        for at, number in enumerate(numbers):
            found[number] = _faces([one[at] for one in maps], fitted[number], frames[number], least)
    return found


def _faces(maps: list[Array], fitted: Fitted, frame: Frame, least: float) -> Found:
    import cv2
    import numpy as np

    heat, sizes, offsets, points = maps
    rows, columns = np.nonzero(heat[0] >= least)
    scores = heat[0, rows, columns]
    height, width = np.exp(np.minimum(sizes[:, rows, columns], 10)) * _CELL
    x = (columns + offsets[1, rows, columns] + 0.5) * _CELL - width / 2
    y = (rows + offsets[0, rows, columns] + 0.5) * _CELL - height / 2
    boxes = np.stack([x, y, width, height], axis=1)
    kept = np.array(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), least, _OVERLAP), int).ravel()
    spots = np.stack([points[1::2, rows, columns] * width + x, points[0::2, rows, columns] * height + y], axis=-1)
    return [_face(boxes[k], float(scores[k]), spots[:, k], fitted, frame) for k in kept]


def _face(box: Array, score: float, spots: Array, fitted: Fitted, frame: Frame) -> dict[str, Any]:
    import numpy as np

    size = (frame.pixels.shape[1], frame.pixels.shape[0])
    corners = fitted.back(np.array([box[:2], box[:2] + box[2:]]), size)
    named = dict(zip(POINTS, rounded(fitted.back(spots, size)), strict=True))
    return {"box": rounded(corners.ravel()), "score": round(score, 3), "points": named}
