"""What one would write with each detector's library alone, without any platform: read the file, run the model, keep what it found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[[list[Path]], None]


def faces(weights: Path, longest: int = 960, least: float = 0.5) -> Call:
    """CenterFace with OpenCV and onnxruntime."""
    import cv2
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(weights), options)

    def call(paths: list[Path]) -> None:
        for path in paths:
            picture: Any = cv2.imread(str(path))
            scale = min(1.0, longest / max(picture.shape[:2]))
            width, height = (-(-round(side * scale) // 32) * 32 for side in picture.shape[1::-1])
            blob = cv2.dnn.blobFromImage(picture, 1.0, (width, height), swapRB=True)
            heat, sizes, _, _ = (found[0] for found in session.run(None, {"input.1": blob}))
            rows, columns = np.nonzero(heat[0] > least)
            high, wide = np.exp(sizes[:, rows, columns]) * 4
            boxes = np.stack([columns * 4 - wide / 2, rows * 4 - high / 2, wide, high], axis=1)
            cv2.dnn.NMSBoxes(boxes.tolist(), heat[0, rows, columns].tolist(), least, 0.3)

    return call


def hands(weights: Path) -> Call:
    """MediaPipe's hand landmarker."""
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.HandLandmarkerOptions(
        BaseOptions(model_asset_path=str(weights)), num_hands=4, min_hand_detection_confidence=0.3, min_hand_presence_confidence=0.3
    )
    model = vision.HandLandmarker.create_from_options(options)

    def call(paths: list[Path]) -> None:
        for path in paths:
            model.detect(mediapipe.Image.create_from_file(str(path)))

    return call


def objects(weights: Path) -> Call:
    """ultralytics, given the files in batches as large as ours."""
    from pipelines.vision.yolo.ultralytics_import import yolo_class

    model = yolo_class(weights.parent / "ultralytics")(str(weights), task="detect")

    def call(paths: list[Path]) -> None:
        for at in range(0, len(paths), 8):
            files: Any = [str(path) for path in paths[at : at + 8]]
            model.predict(files, imgsz=416, rect=False, conf=0.35, iou=0.5, device="cpu", batch=8, verbose=False)

    return call


def depth(weights: Path) -> Call:
    """The network by itself, its map bent to the picture's edges, as a 16-bit PNG."""
    import cv2
    import numpy as np

    from pipelines.vision.midas.estimator import load_estimator

    network = load_estimator(weights)

    def call(paths: list[Path]) -> None:
        for path in paths:
            picture = _read(path)
            followed = _guided(picture, network.estimate([picture])[0], 60, (0.14 * 255) ** 2)
            near = (followed - followed.min()) / (followed.max() - followed.min())
            cv2.imencode(".png", (near * 65535).astype(np.uint16))

    return call


def background(weights: Path) -> Call:
    """MediaPipe's segmenter, its matte bent to the picture's edges, the cut-out as a PNG."""
    import cv2
    import mediapipe
    import numpy as np
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageSegmenterOptions(
        BaseOptions(model_asset_path=str(weights)), output_confidence_masks=True, output_category_mask=False
    )
    model = vision.ImageSegmenter.create_from_options(options)

    def call(paths: list[Path]) -> None:
        for path in paths:
            picture = _read(path)
            found = model.segment(mediapipe.Image(mediapipe.ImageFormat.SRGB, picture))
            matte = _guided(picture, found.confidence_masks[-1].numpy_view().reshape(picture.shape[:2]), 100, 130.0)
            cut = np.dstack([picture, (matte.clip(0, 1) * 255).astype(np.uint8)])
            cv2.imencode(".png", cut, [cv2.IMWRITE_PNG_COMPRESSION, 3])

    return call


def _read(path: Path) -> Any:
    import cv2

    picture: Any = cv2.imread(str(path))
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _guided(picture: Any, found: Any, share: int, softness: float) -> Any:
    """A guided filter over 1280 pixels, as our detectors use it."""
    import cv2

    scale = min(1.0, 1280 / max(picture.shape[:2]))
    guide = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    size = guide.shape[1::-1]
    followed = cv2.ximgproc.guidedFilter(guide, cv2.resize(found, size), max(size) // share + 1, softness)
    return cv2.resize(followed, picture.shape[1::-1])
