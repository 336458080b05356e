"""A small picture in a large one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from pipelines.video.picture_in_picture import recipe
from tests.pipelines.video.films import Cook, Films, Sound, plain, strength, tone

GREY, RED, WHITE = (90, 90, 90), (255, 0, 0), (255, 255, 255)
SIZE = (320, 240)


@pytest.fixture
def files(films: Films) -> dict[str, Path]:
    """A grey film of two seconds with a tone, a red one of a second with another."""
    return {
        "main": films.write("main.mp4", plain(GREY, 60, SIZE), sound=tone(500, 2.0)),
        "small": films.write("small.mp4", plain(RED, 30, (80, 60)), sound=tone(1700, 1.0)),
    }


def near(pixel: Any, colour: tuple[int, ...], by: int = 10) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= by)


@pytest.mark.parametrize(
    ("corner", "left", "top"), [("top_left", 10, 10), ("top_right", 230, 10), ("bottom_left", 10, 170), ("center", 120, 90)]
)
def test_it_stands_in_its_corner(files: dict[str, Path], cook: Cook, corner: str, left: int, top: int) -> None:
    """A quarter of the width, ten pixels from the sides, exactly while it lasts."""
    made = cook(recipe, files, main="@main", inset={"file": "@small"}, corner=corner, share=0.25, margin=10, at=0.5)
    frames = made.frames()
    assert made.facts["inset"] == {"left": left, "top": top, "width": 80, "height": 60} and len(frames) == 60
    seen = [near(frame[top + 30, left + 40], RED) for frame in frames]
    assert seen == [15 <= number < 45 for number in range(60)]
    assert near(frames[30, top + 2, left + 2], RED) and near(frames[30, top + 57, left + 77], RED)
    assert near(frames[30, top - 4, left - 4], GREY) and near(frames[30, top + 64, left + 84], GREY)


def test_a_circle_with_border_and_shadow(files: dict[str, Path], cook: Cook) -> None:
    """Round: red in the middle, white at its rim, film in its corners; darker below it than above."""
    made = cook(
        recipe,
        files,
        main="@main",
        inset={"file": "@small"},
        share=0.25,
        corner="center",
        shape="circle",
        border=6,
        shadow=0.9,
        seconds=0.2,
    )
    frame, box = made.frames()[3].astype(int), made.facts["inset"]
    assert (box["width"], box["height"]) == (92, 92)
    middle, left, top = box["left"] + 46, box["left"], box["top"]
    assert near(frame[top + 46, middle], RED) and near(frame[top + 46, left + 3], WHITE, 16) and near(frame[top + 46, left + 88], WHITE, 16)
    assert max(frame[top + 4, left + 4]) < 110 and frame[top + 95, middle].mean() < 70
    distance = np.hypot(*np.meshgrid(np.arange(320) - middle, np.arange(240) - (top + 46)))
    red = (frame[..., 0] > 200) & (frame[..., 1] < 60)
    assert red[distance < 37].mean() > 0.99 and not red[distance > 43].any()


def test_rounded_corners(files: dict[str, Path], cook: Cook) -> None:
    """The corners are cut off, the middles of the sides are not."""
    made = cook(
        recipe, files, main="@main", inset={"file": "@small"}, share=0.25, corner="center", shape="rounded", radius=0.3, seconds=0.1
    )
    frame, box = made.frames()[0], made.facts["inset"]
    assert near(frame[box["top"] + 1, box["left"] + 1], GREY, 16) and near(frame[box["top"] + 30, box["left"] + 1], RED, 24)


def test_it_moves_from_corner_to_corner(files: dict[str, Path], cook: Cook) -> None:
    """Still until it sets off, steadily nearer, then still in the other corner."""
    move = {"to": "bottom_right", "at": 0.3, "seconds": 0.4}
    frames = cook(recipe, files, main="@main", inset={"file": "@small"}, share=0.25, corner="top_left", margin=0, move=move).frames()
    places = [int(np.nonzero((frame[..., 0] > 180) & (frame[..., 1] < 80))[1].min()) for frame in frames[:30]]
    assert max(places[:10]) <= 1 and places[9:22] == sorted(places[9:22]) and all(abs(place - 240) <= 2 for place in places[21:])
    assert 100 < places[15] < 140


def _levels(sound: Sound) -> tuple[float, float, float]:
    """The large film's tone before, during and after the small one's, which is heard from 0.5 s to 1.5 s."""
    return strength(sound, 500, 0.1, 0.45), strength(sound, 500, 0.9, 1.4), strength(sound, 1700, 0.9, 1.4)


def test_the_large_films_sound_steps_back(files: dict[str, Path], cook: Cook) -> None:
    """Ducked by about 14 dB while the small one is heard, at its own level before."""
    before, during, small = _levels(cook(recipe, files, main="@main", inset={"file": "@small"}, at=0.5).samples())
    assert before == pytest.approx(0.25, rel=0.06) and small == pytest.approx(0.25, rel=0.06)
    assert 10 < 20 * np.log10(before / during) < 17


@pytest.mark.parametrize(("sound", "heard"), [("main", (1, 1, 0)), ("inset", (0, 0, 1)), ("mix", (1, 1, 1))])
def test_who_is_heard(files: dict[str, Path], cook: Cook, sound: str, heard: tuple[int, int, int]) -> None:
    """The large one, the small one, or both at their own levels."""
    levels = _levels(cook(recipe, files, main="@main", inset={"file": "@small"}, at=0.5, sound=sound).samples())
    assert levels == pytest.approx([0.25 * one for one in heard], abs=0.02)


def test_a_still_below_lasts_as_long_as_the_small_film(films: Films, files: dict[str, Path], cook: Cook) -> None:
    """Nobody says how long a still is shown; the small film does. What ends earlier is held if asked."""
    Image.new("RGB", SIZE, GREY).save(films.folder / "grey.png")
    made = cook(recipe, {**files, "main": films.folder / "grey.png"}, main="@main", inset={"file": "@small"}, at=0.5)
    assert made.facts["frames"] == 45
    held = cook(recipe, files, main="@main", inset={"file": "@small"}, after="hold", corner="center", fade=0.1).frames()
    assert near(held[50, 120, 160], RED) and near(held[0, 120, 160], GREY, 40)


@pytest.mark.parametrize(
    ("params", "pointer", "told"),
    [
        ({"share": 1.0}, "/params/share", "lies outside the frame"),
        ({"share": 0.02}, "/params/share", "the least is 16 a side"),
        ({"at": 2.0}, "/params/at", "at or after the end of the film"),
        ({"move": {"to": "top", "at": 5}}, "/params/move/at", "after the end of the film"),
        ({"inset": {"file": "@small", "end": 3}}, "/params/inset/end", "beyond the end"),
    ],
)
def test_what_cannot_be_is_refused(files: dict[str, Path], cook: Cook, params: dict[str, Any], pointer: str, told: str) -> None:
    """Each fault with its place."""
    with pytest.raises(InvalidInput, match=told) as error:
        cook(recipe, files, **{"main": "@main", "inset": {"file": "@small"}, "corner": "left", "margin": 20, **params})
    assert [fault["pointer"] for fault in error.value.errors] == [pointer]
