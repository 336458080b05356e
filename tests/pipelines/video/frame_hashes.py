"""Frames of a film by the hash of their decoded pixels."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pipelines.video import ffmpeg


def frame_hashes(path: Path) -> list[str]:
    """One a frame, in order, as ffmpeg's framemd5 muxer gives them."""
    command = [ffmpeg.binary(), "-v", "error", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.rpartition(",")[2].strip() for line in lines if not line.startswith("#")]
