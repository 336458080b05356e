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
            picture = cv2.imread(str(path))
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
    from pipelines.vision.ultralytics_import import yolo_class

    model = yolo_class(weights.parent / "ultralytics")(str(weights), task="detect")

    def call(paths: list[Path]) -> None:
        for at in range(0, len(paths), 8):
            files: Any = [str(path) for path in paths[at : at + 8]]
            model.predict(files, imgsz=416, rect=False, conf=0.35, iou=0.5, device="cpu", batch=8, verbose=False)

    return call


def background(weights: Path) -> Call:
    """MediaPipe's segmenter, then the cut-out as a PNG."""
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
            picture = cv2.imread(str(path))
            found = model.segment(mediapipe.Image(mediapipe.ImageFormat.SRGB, np.ascontiguousarray(picture[..., ::-1])))
            matte = found.confidence_masks[-1].numpy_view().reshape(picture.shape[:2])
            cut = np.dstack([picture, (matte * 255).astype(np.uint8)])
            cv2.imencode(".png", cut, [cv2.IMWRITE_PNG_COMPRESSION, 3])

    return call
