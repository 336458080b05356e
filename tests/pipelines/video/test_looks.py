"""Scores of a picture's look agree with what was done to it."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.video.looks import look
from tests.pipelines.video.films import Pixels
from tests.pipelines.video.scenery import blurred, photo

NAMES = ("astronaut", "coffee", "cat")
SIZE = (480, 320)


def darkened(picture: Pixels) -> Pixels:
    return np.asarray(picture * 0.25, np.uint8)


def burnt_out(picture: Pixels) -> Pixels:
    return np.asarray(np.minimum(picture * 2.5, 255), np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_blur_lowers_sharpness(name: str) -> None:
    """The stronger the blur, the lower; a strong one is a fault."""
    picture = photo(name, SIZE)
    scores = [look(one).sharpness for one in (picture, blurred(picture, 1), blurred(picture, 2.5))]
    assert scores == sorted(scores, reverse=True) and scores[0] > 0.5
    assert look(picture).fault is None and look(blurred(picture, 4)).fault == "blurred"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spoil", [darkened, burnt_out])
def test_bad_light_lowers_exposure(name: str, spoil: object) -> None:
    """Too dark and burnt out are both worse, and the whole score says so."""
    assert callable(spoil)
    good, bad = look(photo(name, SIZE)), look(spoil(photo(name, SIZE)))
    assert bad.exposure < 0.5 * good.exposure and bad.score < good.score


@pytest.mark.parametrize(("level", "fault"), [(0, "black"), (20, "black"), (255, "white"), (128, "blank")])
def test_empty_pictures_are_not_worth_showing(level: int, fault: str) -> None:
    """Black, white and plain pictures are named as what they are and score nothing."""
    seen = look(np.full((90, 160, 3), level, np.uint8))
    assert (seen.fault, seen.score) == (fault, 0.0)


def test_colour_counts() -> None:
    """The same picture without its colours scores lower."""
    picture = photo("coffee", SIZE)
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    assert look(grey).colour < 0.05 < look(picture).colour
