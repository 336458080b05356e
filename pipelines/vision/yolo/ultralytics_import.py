"""Importing ultralytics so that it changes nothing else in the process and reaches nothing outside."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.vision.yolo.torchvision_repair import repair

# Read at its import: no reports of what it does, no look whether it is online, no packages installed.
_QUIET = {"YOLO_OFFLINE": "True", "YOLO_AUTOINSTALL": "False"}


@functools.lru_cache(maxsize=1)
def yolo_class(home: Path) -> Any:
    """Its class YOLO. home: the folder for its settings; the first call's counts. Raises ImportError where it is not installed."""
    os.environ.update({**_QUIET, "YOLO_CONFIG_DIR": str(home)})
    with _nothing_changed():
        import ultralytics
        from ultralytics.utils import LOGGER
        from ultralytics.utils.nms import TorchNMS
    LOGGER.setLevel("WARNING")
    library: Any = ultralytics  # its package resolves names when they are asked for
    library.settings.update({"sync": False})
    repair(TorchNMS.nms)
    return library.YOLO


@contextmanager
def _nothing_changed() -> Iterator[None]:
    """Its import takes all but one thread from OpenCV, OpenMP and torch, and puts functions of its own into Pillow and OpenCV."""
    import cv2
    import torch  # noqa: F401  (reads OMP_NUM_THREADS at its own import, so before ultralytics sets it)
    from PIL import Image

    threads, opened, openmp = cv2.getNumThreads(), Image.open, os.environ.get("OMP_NUM_THREADS")
    files = {name: getattr(cv2, name) for name in ("imread", "imwrite", "imshow")}
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
        Image.open = opened
        for name, function in files.items():
            setattr(cv2, name, function)
        if openmp is None:
            os.environ.pop("OMP_NUM_THREADS", None)
