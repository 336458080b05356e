"""Weights that come in pieces: MediaPipe's `.task` files, stored zips of models under the names that its tasks look for, and cut files."""

from __future__ import annotations

import zipfile
from pathlib import Path


def hand_bundle(parts: dict[str, Path], target: Path) -> None:
    """What the hand landmarker loads, from a palm detector and a landmark model."""
    _bundle(
        target,
        {
            "hand_detector.tflite": parts["palm_detection_full.tflite"],
            "hand_landmarks_detector.tflite": parts["hand_landmark_full.tflite"],
        },
    )


def joined(parts: dict[str, Path], target: Path) -> None:
    """The parts one after the other: a file that its publisher cut into pieces."""
    with target.open("wb") as whole:
        for path in parts.values():
            whole.write(path.read_bytes())


def _bundle(target: Path, members: dict[str, Path]) -> None:
    """The same bytes each time: no compression, and the zip format's earliest date."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for name, path in members.items():
            bundle.writestr(zipfile.ZipInfo(name), path.read_bytes())
