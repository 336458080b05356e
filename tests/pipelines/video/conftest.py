"""Small pictures, a spoken-like tone, and eyes for the videos made from them."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipelines.video.advert import Advert
from pipelines.video.scenes import Motion, Scene
from tests.pipelines.video.films import Cook, Films

SMALL_PORTRAIT = (270, 480)
SMALL_LANDSCAPE = (480, 270)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture with soft detail everywhere, so that any movement shows."""
    noise = np.random.default_rng(7).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    path = tmp_path / "picture.png"
    Image.fromarray(noise).resize((600, 600), Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture
def tone(tmp_path: Path) -> Callable[..., Path]:
    """Writes a WAV file of a sine at a level (0 to 1), so many seconds long."""

    def write(seconds: float, level: float = 0.05) -> Path:
        times = np.arange(int(seconds * 24_000)) / 24_000
        samples = (np.sin(2 * np.pi * 440 * times) * level * 32_767).astype("<i2")
        path = tmp_path / "voice.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(24_000)
            file.writeframes(samples.tobytes())
        return path

    return write


@pytest.fixture
def advert(picture: Path) -> Callable[..., Advert]:
    """A short silent advert; keywords replace its fields."""

    def make(**fields: object) -> Advert:
        standard = {
            "scenes": (Scene(picture, 1.0, Motion.PAN_RIGHT), Scene(picture, 1.0, Motion.ZOOM_IN)),
            "brand_name": "Acme",
            "call_to_action": "Buy now",
            "size": SMALL_PORTRAIT,
            "end_seconds": 1.0,
        }
        return Advert(**(standard | fields))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    """Films made once a session; tests only read them."""
    return Films(tmp_path_factory.mktemp("films"))


@pytest.fixture
def cook(tmp_path: Path) -> Cook:
    return Cook(tmp_path)


def frames(path: Path) -> NDArray[np.uint8]:
    """All pictures as (n, height, width, 3) RGB."""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def samples(path: Path) -> NDArray[np.float32]:
    """All sound as (channels, n), from -1 to 1."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
