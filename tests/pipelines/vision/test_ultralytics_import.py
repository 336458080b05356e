"""ultralytics beside everything else in the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT

CODE = """
import os, socket, sys
from pathlib import Path
import cv2
from PIL import Image

asked = []
socket.getaddrinfo = lambda *words, **more: asked.append(words) or []
threads, opened, read = cv2.getNumThreads(), Image.open, cv2.imread
from pipelines.vision.yolo.ultralytics_import import yolo_class
yolo_class(Path(sys.argv[1]))
import torch, ultralytics
assert (cv2.getNumThreads(), Image.open, cv2.imread) == (threads, opened, read)
assert "OMP_NUM_THREADS" not in os.environ
assert not asked and ultralytics.settings["sync"] is False
assert Path(ultralytics.settings.file).is_relative_to(sys.argv[1])
print("nothing changed")
"""


def test_its_import_changes_nothing_and_asks_nobody(tmp_path: Path) -> None:
    """Threads and functions of OpenCV and Pillow stay, no name is looked up, and its settings lie in the folder it was given."""
    home = {"PATH": "", "HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CODE, tmp_path / "given"], text=True, capture_output=True, env=home, check=False)
    assert "nothing changed" in done.stdout, done.stderr[-2000:]
    assert not (tmp_path / "home").exists()
