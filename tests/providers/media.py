"""Real media files, made small."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from pillow_heif import register_heif_opener


def image(kind: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    if kind == "HEIF":
        register_heif_opener()
    content = io.BytesIO()
    Image.new("RGB", size, "#336699").save(content, kind)
    return content.getvalue()


def gif(frames: int, size: tuple[int, int] = (32, 24)) -> bytes:
    content = io.BytesIO()
    pictures = [Image.new("RGB", size, (i % 256, i // 256, 9)) for i in range(frames)]
    pictures[0].save(content, "GIF", save_all=True, append_images=pictures[1:], duration=40)
    return content.getvalue()


def video(path: Path, *, seconds: float = 1.0, size: tuple[int, int] = (64, 48), codec: str = "libx264", sound: bool = False) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _ in range(int(seconds * 10)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), format="rgb24")))
        container.mux(stream.encode())
    return path


def sound(path: Path, *, seconds: float = 1.0, codec: str = "libmp3lame") -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=48000, layout="mono")
        size = stream.codec_context.frame_size or 1024
        for start in range(0, int(seconds * 48000), size):
            wave = np.array([[math.sin((start + i) / 20) / 2 for i in range(size)]], np.float32)
            frame = av.AudioFrame.from_ndarray(wave, format="flt", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
