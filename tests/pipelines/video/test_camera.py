from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipelines.video import camera, ffmpeg
from pipelines.video.process import standalone
from pipelines.video.scenes import Motion
from tests.pipelines.video.conftest import frames

SIZE = (240, 240)
LENGTH = 45


def filmed(motion: Motion, folder: Path) -> NDArray[np.float64]:
    """The luma of a shot over a picture with one soft edge across and one down, encoded without loss."""
    ramp = 1 / (1 + np.exp(-(np.arange(480) - 320) / 3))
    edges = 60 + 80 * ramp[None, :] + 80 * ramp[:, None]
    picture = Image.fromarray(edges.astype("uint8")).convert("RGB")
    take = camera.prepare(picture, motion, SIZE, LENGTH, (0, 0, 0), folder / "shot")
    target = folder / "shot.mkv"
    ffmpeg.encode(
        lambda part: camera.film(take).output(str(part), vcodec="ffv1", f="matroska"), target, LENGTH, standalone(), lambda _: None
    )
    return frames(target)[..., 1].astype(float)


def edge(line: NDArray[np.float64]) -> float:
    """Where a rising line crosses its middle, to a fraction of a pixel."""
    middle = (line.min() + line.max()) / 2
    after = int(np.argmax(line > middle))
    return float(after - 1 + (middle - line[after - 1]) / (line[after] - line[after - 1]))


@pytest.mark.parametrize(
    ("motion", "axis", "direction"),
    [
        (Motion.ZOOM_IN, "x", 1),
        (Motion.ZOOM_OUT, "x", -1),
        (Motion.PAN_RIGHT, "x", -1),
        (Motion.PAN_LEFT, "x", 1),
        (Motion.PAN_DOWN, "y", -1),
        (Motion.PAN_UP, "y", 1),
    ],
)
def test_the_camera_moves_without_trembling(tmp_path: Path, motion: Motion, axis: str, direction: int) -> None:
    """An edge travels the right way and never strays more than a tenth of a pixel from an even course."""
    shot = filmed(motion, tmp_path)
    assert len(shot) == LENGTH
    places = np.array([edge(frame[20] if axis == "x" else frame[:, 20]) for frame in shot])
    even = np.polyval(np.polyfit(np.arange(LENGTH), places, 2), np.arange(LENGTH))
    assert np.abs(places - even).max() < 0.1
    assert (places[-1] - places[0]) * direction > 4


def test_a_still_stays(tmp_path: Path) -> None:
    """Without a motion all frames are the same."""
    shot = filmed(Motion.STILL, tmp_path)
    assert (shot == shot[0]).all()
