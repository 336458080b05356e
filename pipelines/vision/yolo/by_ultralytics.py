"""Objects through ultralytics: its own weights (PyTorch) and ONNX exports. ultralytics is AGPL-3.0; `by_onnxruntime.py` does without."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.vision.networks import NO_GPU
from pipelines.vision.sources import Frame
from pipelines.vision.yolo.asked import Asked, Boxes
from pipelines.vision.yolo.onnx_file import facts_of
from pipelines.vision.yolo.ultralytics_import import yolo_class


@dataclass(frozen=True)
class YoloObjects:
    """A loaded model. batch: pictures at once; 1 where the export is fixed to one."""

    model: Any
    names: dict[int, str]
    device: str
    notes: list[str]
    batch: int
    size: tuple[int, int] = (640, 640)  # width and height that pictures are fitted into
    engine: str = "ultralytics"

    def find(self, frames: list[Frame], asked: Asked) -> list[Boxes]:
        """May run twice."""
        import cv2

        pictures = [cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR) for frame in frames]  # as ultralytics takes them
        found = self.model.predict(
            pictures,
            conf=asked.least,
            iou=asked.overlap,
            max_det=asked.most,
            classes=asked.wanted,
            device=self.device,
            quantize=None if self.device == "cpu" else 16,
            batch=len(pictures),
            imgsz=self.size[::-1],
            rect=False,
            verbose=False,
            save=False,
        )
        return [Boxes(*(part.cpu().numpy() for part in (one.boxes.xyxy, one.boxes.conf, one.boxes.cls))) for one in found]


@functools.lru_cache(maxsize=4)
def load(path: Path) -> YoloObjects:
    """Once a process. ultralytics may keep its settings beside the file. Raises ImportError where it is not installed.

    A `.pt` file is a pickle, which runs code when it is read: only files of the model store, whose hash is known, come here.
    """
    model = yolo_class(path.parent / "ultralytics")(str(path), task="detect")
    if path.suffix == ".onnx":
        facts = facts_of(path)
        return YoloObjects(model, facts.names, *_onnx_device(), 8 if facts.is_batched else 1, facts.size)
    import torch

    on_gpu = torch.cuda.is_available()
    return YoloObjects(model, dict(model.names), "cuda:0" if on_gpu else "cpu", [] if on_gpu else [_NO_CUDA], 32 if on_gpu else 8)


_NO_CUDA = "runs on the CPU: torch sees no GPU here"


def _onnx_device() -> tuple[str, list[str]]:
    import onnxruntime

    on_gpu = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    return ("cuda:0", []) if on_gpu else ("cpu", [NO_GPU])
