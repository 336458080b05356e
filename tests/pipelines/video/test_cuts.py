"""Scene changes are found where they were made, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.video.cuts import scene_changes
from pipelines.video.footage import examine
from pipelines.video.reel import Reel
from tests.pipelines.video.films import Films, Pixels, plain
from tests.pipelines.video.scenery import drifting, photo

SIZE = (160, 90)


@pytest.fixture(scope="session")
def shots() -> dict[str, list[Pixels]]:
    """Three shots of 30 frames, each a slow pan over another photo."""
    return {name: drifting(photo(name, (240, 135)), SIZE, 30) for name in ("coffee", "cat", "gravel")}


def starts(films: Films, name: str, frames: list[Pixels]) -> list[int]:
    return [cut.number for cut in scene_changes(Reel(examine(films.write(name, frames))))]


def test_hard_cuts_are_found_to_the_frame(films: Films, shots: dict[str, list[Pixels]]) -> None:
    """Three shots have two changes."""
    assert starts(films, "three-shots.mp4", [*shots["coffee"], *shots["cat"], *shots["gravel"]]) == [30, 60]


def test_a_fast_pan_is_no_cut(films: Films) -> None:
    """Every frame differs much from the one before it, so none stands out."""
    assert starts(films, "fast-pan.mp4", drifting(photo("coffee", (900, 135)), SIZE, 60, step=12)) == []


def test_a_flash_is_no_cut(films: Films, shots: dict[str, list[Pixels]]) -> None:
    """Two white frames inside a shot start no scene, since the shot goes on after them."""
    frames = list(shots["coffee"])
    frames[12:14] = plain((255, 255, 255), 2, SIZE)
    assert starts(films, "flash.mp4", frames) == []


def test_a_scene_begins_after_black(films: Films, shots: dict[str, list[Pixels]]) -> None:
    """Faded out, black for half a second, faded in: the scene begins where the picture comes back."""
    fade = [np.asarray(frame * share, np.uint8) for frame, share in zip(shots["cat"], np.linspace(0.06, 1, 30), strict=True)]
    out = [np.asarray(frame * share, np.uint8) for frame, share in zip(shots["coffee"], np.linspace(1, 0, 30), strict=True)]
    (start,) = starts(films, "through-black.mp4", [*out, *plain((0, 0, 0), 15, SIZE), *fade])
    assert 45 <= start <= 48


def test_one_frame_has_no_cut(films: Films) -> None:
    """The shortest film there is."""
    assert starts(films, "one.mp4", plain((10, 90, 10), 1, SIZE)) == []
