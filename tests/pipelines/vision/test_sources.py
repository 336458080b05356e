"""What a vision job looks at: stills, moving pictures, films, upright and sampled."""

from __future__ import annotations

import itertools
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import Cancelled, InvalidInput, MediaUnreadable
from pipelines.recipe import Kitchen
from pipelines.video.ffmpeg import binary
from pipelines.vision.sources import Frame, Sampling, Sources, batches, frames

Seen = Callable[..., list[Frame]]


@pytest.fixture
def seen(kitchen: Callable[..., Kitchen]) -> Seen:
    """`seen(path, …, every=2)` -> the frames that a job with this sampling looks at."""

    def look(*paths: Path, **sampling: Any) -> list[Frame]:
        files = {uuid.uuid4(): path for path in paths}
        return list(frames(Sources(sources=list(files), sampling=Sampling(**sampling)), kitchen(files)))

    return look


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two seconds, ten frames a second, 64 × 48; each frame is grey of its own number, a red field top left."""
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            pixels = np.full((48, 64, 3), number * 10, np.uint8)
            pixels[:16, :16] = (255, 0, 0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        ({}, [0, 5, 10, 15]),
        ({"every": 7}, [0, 7, 14]),
        ({"per_second": 4}, [0, 3, 5, 8, 10, 13, 15, 18]),
        ({"per_second": 100, "start": 0.55, "end": 0.95}, [6, 7, 8, 9]),
        ({"every": 1, "limit": 3}, [0, 1, 2]),
    ],
)
def test_a_film_is_sampled(seen: Seen, film: Path, sampling: dict[str, Any], expected: list[int]) -> None:
    """The frames that the sampling names, with their numbers and seconds, and the pixels of just those frames."""
    found = seen(film, **sampling)
    assert [frame.index for frame in found] == expected
    assert [frame.seconds for frame in found] == [number / 10 for number in expected]
    assert all(abs(int(frame.pixels[40, 40, 0]) - frame.index * 10) < 6 for frame in found)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotated_films_stand_upright(seen: Seen, film: Path, tmp_path: Path, degrees: int) -> None:
    """A film with rotation in its header is looked at as ffmpeg shows it."""
    turned, shown = tmp_path / "turned.mp4", tmp_path / "shown.png"
    quiet = [binary(), "-v", "error", "-y"]
    subprocess.run([*quiet, "-display_rotation", str(degrees), "-i", film, "-c", "copy", turned], check=True)
    subprocess.run([*quiet, "-i", turned, "-frames:v", "1", shown], check=True)
    expected = np.asarray(Image.open(shown).convert("RGB")).astype(int)
    pixels = seen(turned, limit=1)[0].pixels
    assert pixels.shape == expected.shape and np.abs(pixels - expected).mean() < 8


def test_stills_have_no_seconds_and_stand_upright(seen: Seen, tmp_path: Path) -> None:
    """A photo that a phone stored on its side is turned; it has no time."""
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20), "red").save(path, exif=exif)
    (frame,) = seen(path)
    assert (frame.pixels.shape, frame.index, frame.seconds) == ((40, 20, 3), 0, None)


def test_moving_pictures_are_films(seen: Seen, tmp_path: Path) -> None:
    """A GIF of ten frames, 0.1 s each, looked at five times a second."""
    pictures = [Image.new("RGB", (16, 16), (n * 20, 0, 0)) for n in range(10)]
    pictures[0].save(tmp_path / "moving.gif", save_all=True, append_images=pictures[1:], duration=100)
    assert [frame.seconds for frame in seen(tmp_path / "moving.gif", per_second=5)] == [0.0, 0.2, 0.4, 0.6, 0.8]


def test_files_that_are_neither(seen: Seen, tmp_path: Path) -> None:
    """A text called .mp4 and a picture that is cut off are told as unreadable."""
    (tmp_path / "text.mp4").write_text("not a film")
    Image.effect_noise((64, 64), 50).save(tmp_path / "noise.png")
    cut = tmp_path / "cut.png"
    cut.write_bytes((tmp_path / "noise.png").read_bytes()[:1500])
    for path in (tmp_path / "text.mp4", cut):
        with pytest.raises(MediaUnreadable) as refused:
            seen(tmp_path / "noise.png", path)
        assert refused.value.errors[0]["pointer"] == "/params/sources/1"


def test_a_sampling_that_takes_nothing(seen: Seen, film: Path) -> None:
    """A start after the film's end is told with the place of the source."""
    with pytest.raises(InvalidInput) as refused:
        seen(film, start=30)
    assert refused.value.errors[0]["pointer"] == "/params/sources/0"


def test_params_that_contradict_themselves() -> None:
    """Two rates, an end before the start, or one asset twice."""
    with pytest.raises(ValidationError, match="more than once"):
        Sources(sources=[uuid.UUID(int=1)] * 2)
    for wrong in ({"every": 2, "per_second": 1}, {"start": 3, "end": 2}):
        with pytest.raises(ValidationError):
            Sampling.model_validate(wrong)


def test_a_cancel_is_seen_while_frames_are_passed_over(kitchen: Callable[..., Kitchen], film: Path) -> None:
    """Progress is told for each decoded frame, so that a cancel ends even a film of which one frame is looked at."""
    source, told = uuid.uuid4(), itertools.count()

    def cancelled(fraction: float, words: str) -> None:
        if next(told) == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(frames(Sources(sources=[source], sampling=Sampling(every=1000)), kitchen({source: film}, cancelled)))


def test_batches() -> None:
    """Full ones, then what is left."""
    assert list(batches(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]
