"""`vision.hands`: hands in pictures and films: 21 landmarks each, left or right, score."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from pydantic import Field

from pipelines.recipe import Kitchen, Made, Recipe
from pipelines.vision.detection import Detector, Found, examine, rounded
from pipelines.vision.preview import Canvas
from pipelines.vision.sources import Frame, Sources

LANDMARKS = (
    "wrist",
    *(f"thumb_{joint}" for joint in ("cmc", "mcp", "ip", "tip")),
    *(f"{finger}_{joint}" for finger in ("index", "middle", "ring", "pinky") for joint in ("mcp", "pip", "dip", "tip")),
)
_PALM = ((0, 1), (0, 5), (5, 9), (9, 13), (13, 17), (0, 17))
_FINGERS = tuple((first + n, first + n + 1) for first in (1, 5, 9, 13, 17) for n in range(3))
BONES = (*_PALM, *_FINGERS)
BATCH = 8  # frames between two looks at a cancel; MediaPipe takes one at a time


class HandsParams(Sources):
    """Where the hands are."""

    most: int = Field(default=4, ge=1, le=20, description="hands of one picture at most")
    min_score: float = Field(default=0.3, ge=0.05, le=1, description="of a palm that is found, and of the hand on it")
    mirrored: bool = Field(default=False, description="the pictures are mirrored, as front cameras show them; decides left and right")


def make(params: HandsParams, kitchen: Kitchen) -> Made:
    return examine(params, kitchen, detector(params, kitchen))


def detector(params: HandsParams, kitchen: Kitchen) -> Detector:
    """With its weights loaded."""
    model = landmarker(kitchen.weight("hands"), params.most, params.min_score)
    facts = {"model": "hands", "engine": "mediapipe", "device": "cpu", "landmarks": list(LANDMARKS)}

    def find(frames: list[Frame]) -> list[Found]:
        return [_hands(model, frame, params.mirrored) for frame in frames]

    return Detector("hands", find, _draw, BATCH, facts, ["MediaPipe runs on the CPU"])


@functools.lru_cache(maxsize=4)
def landmarker(path: Path, most: int, least: float) -> Any:
    """MediaPipe's hand landmarker for single pictures, loaded once a process."""
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.HandLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(path)),
        num_hands=most,
        min_hand_detection_confidence=least,
        min_hand_presence_confidence=least,
    )
    return vision.HandLandmarker.create_from_options(options)


def _hands(model: Any, frame: Frame, mirrored: bool) -> Found:
    import mediapipe
    import numpy as np

    picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(frame.pixels))
    found = model.detect(picture)
    height, width = frame.pixels.shape[:2]
    return [
        _hand(np.array([(point.x * width, point.y * height, point.z * width) for point in points]), side[0], mirrored)
        for points, side in zip(found.hand_landmarks, found.handedness, strict=True)
    ]


def _hand(points: Any, side: Any, mirrored: bool) -> dict[str, Any]:
    """points: (21, 3), z in the pixels of x, smaller is nearer than the wrist. The model tells sides of pictures that are not mirrored."""
    named = side.category_name.lower()
    opposite = {"left": "right", "right": "left"}
    corners = [*points[:, :2].min(axis=0), *points[:, :2].max(axis=0)]
    return {
        "box": rounded(corners),
        "score": round(float(side.score), 3),
        "handedness": opposite[named] if mirrored else named,
        "landmarks": rounded(points),
    }


def _draw(canvas: Canvas, hand: dict[str, Any]) -> None:
    canvas.box(hand["box"], f"{hand['handedness']} {hand['score']:.2f}")
    canvas.lines(hand["landmarks"], BONES)
    canvas.points(hand["landmarks"])


recipe = Recipe("vision.hands", HandsParams, make, pool="gpu", summary="Hands in pictures and films: 21 landmarks, left or right.")
