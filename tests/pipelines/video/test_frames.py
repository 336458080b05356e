"""`video.frames`: the right frames, with their numbers and seconds, and clear words for what cannot be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video.frames import recipe
from tests.pipelines.video.films import Cook, Cooked, Films, number_of, plain
from tests.pipelines.video.scenery import blurred, drifting, photo

SIZE = (160, 90)


def shown(cooked: Cooked) -> list[int]:
    return [number_of(np.asarray(Image.open(product.path))) for product in cooked.made.products]


def told(cooked: Cooked) -> list[tuple[int, float]]:
    return [(frame["frame"], frame["second"]) for frame in cooked.facts["frames"]]


def test_by_time(films: Films, cook: Cook) -> None:
    """Each second gives the frame that is shown then, as a PNG of the film's size; facts and pictures agree."""
    cooked = cook(recipe, {"a": films.numbered(60)}, video="@a", by="time", times=[1.0, 0.0, 1.99])
    assert shown(cooked) == [0, 30, 59]
    assert told(cooked) == [(0, 0.0), (30, 1.0), (59, pytest.approx(59 / 30, abs=1e-6))]
    assert Image.open(cooked.path).size == (64, 48) and cooked.made.products[0].media_type == "image/png"
    assert [product.facts["frame"] for product in cooked.made.products] == [0, 30, 59]


def test_every_so_many_seconds(films: Films, cook: Cook) -> None:
    """From the first frame on, never past the end."""
    assert shown(cook(recipe, {"a": films.numbered(60)}, video="@a", by="every", seconds=0.5)) == [0, 15, 30, 45]


def test_by_count(films: Films, cook: Cook) -> None:
    """Spread evenly, each from the middle of its share; as many as there are frames gives all of them."""
    assert shown(cook(recipe, {"a": films.numbered(60)}, video="@a", by="count", count=3, format="jpeg")) == [10, 30, 50]
    assert shown(cook(recipe, {"a": films.numbered(60)}, video="@a", by="count", count=60)) == list(range(60))


def test_by_scene(films: Films, cook: Cook) -> None:
    """The first frame of each scene, the film's own first frame included."""
    frames = [frame for name in ("coffee", "cat", "gravel") for frame in drifting(photo(name, (240, 135)), SIZE, 30)]
    cooked = cook(recipe, {"a": films.write("three-shots.mp4", frames)}, video="@a", by="scenes", longest_side=80)
    assert [number for number, _ in told(cooked)] == [0, 30, 60]
    assert Image.open(cooked.path).size == (80, 45)


def test_by_quality(films: Films, cook: Cook) -> None:
    """Of each half the frame is taken that is neither blurred nor black."""
    good = photo("coffee", SIZE)
    black = plain((0, 0, 0), 15, SIZE)
    frames = [blurred(good, 4)] * 10 + [good] * 5 + black + [blurred(good, 3)] * 5 + [good] * 5
    cooked = cook(recipe, {"a": films.write("mixed.mp4", frames)}, video="@a", by="quality", count=2)
    first, second = (number for number, _ in told(cooked))
    assert 10 <= first < 15 and 35 <= second < 40
    assert all(frame["fault"] is None for frame in cooked.facts["frames"])


def test_a_turned_film_gives_upright_pictures(films: Films, cook: Cook) -> None:
    """Width and height change places."""
    cooked = cook(recipe, {"a": films.turned(films.numbered(60), 90)}, video="@a", by="count", count=1)
    assert Image.open(cooked.path).size == (48, 64)


@pytest.mark.parametrize(
    ("params", "pointer", "words"),
    [
        ({"by": "time", "times": [-1.0]}, ("times", 0), "greater than or equal to 0"),
        ({"by": "time"}, ("times",), "needed when frames are taken by time"),
        ({"by": "count"}, ("count",), "needed when frames are taken by count"),
        ({"by": "every"}, ("seconds",), "needed when frames are taken by every"),
        ({"by": "count", "count": 0}, ("count",), "greater than or equal to 1"),
        ({"by": "guess"}, ("by",), "'time', 'every', 'count', 'scenes' or 'quality'"),
    ],
)
def test_params_that_say_nothing(params: dict[str, object], pointer: tuple[object, ...], words: str) -> None:
    """Each fault at its own place, before anything runs."""
    with pytest.raises(ValidationError) as caught:
        recipe.params.model_validate({"video": "7a4f2c9e-0d2c-4b3f-9d53-2f9a3c1f6a10", **params})
    (fault,) = caught.value.errors()
    assert fault["loc"] == pointer and words in fault["msg"]


@pytest.mark.parametrize(
    ("params", "pointer", "words"),
    [
        ({"by": "time", "times": [0.5, 2.0, 7.0]}, "/params/times/1", "after the end, 2.000 s"),
        ({"by": "count", "count": 61}, "/params/count", "61 frames of a film that has 60"),
        ({"by": "every", "seconds": 0.001}, "/params/seconds", "more than 500"),
    ],
)
def test_what_the_film_does_not_hold(films: Films, cook: Cook, params: dict[str, object], pointer: str, words: str) -> None:
    """The film's own length and number of frames are named."""
    with pytest.raises(InvalidInput) as caught:
        cook(recipe, {"a": films.numbered(60)}, video="@a", **params)
    assert caught.value.errors[0]["pointer"] == pointer and words in caught.value.errors[0]["detail"]


@pytest.mark.parametrize(("content", "words"), [(b"", "0 bytes"), (b"only words\n" * 40, "not a video")])
def test_files_that_are_no_video(cook: Cook, tmp_path: Path, content: bytes, words: str) -> None:
    """Nothing at all, and text under a video's name."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=words):
        cook(recipe, {"a": path}, video="@a", by="count", count=1)
