"""OpenCV's Haar cascade for frontal faces (Viola and Jones 2001), which OpenCV brings along."""

from __future__ import annotations

import functools
from typing import Any

from pipelines.vision.detection import Found, rounded
from pipelines.vision.sources import Frame


def find(frames: list[Frame]) -> list[Found]:
    """The faces of each frame. A cascade knows neither scores nor points: the score is None."""
    return [_faces(frame) for frame in frames]


def _faces(frame: Frame) -> Found:
    import cv2

    grey = cv2.equalizeHist(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY))
    least = max(24, min(grey.shape) // 16)
    found = _cascade().detectMultiScale(grey, scaleFactor=1.1, minNeighbors=6, minSize=(least, least))
    return [{"box": rounded((x, y, x + width, y + height)), "score": None} for x, y, width, height in found]


@functools.cache
def _cascade() -> Any:
    import cv2
    import cv2.data

    return cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_alt2.xml")
