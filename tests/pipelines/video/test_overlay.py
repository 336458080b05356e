"""Pictures, films and texts over a video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import InvalidInput
from pipelines.video.overlay import recipe
from tests.pipelines.video.films import Cook, Films, Pixels, level, number_of, plain, strength, tone

GREY, RED, BLUE, WHITE = (90, 90, 90), (255, 0, 0), (0, 0, 255), (255, 255, 255)
SIZE = (320, 240)


@pytest.fixture
def files(films: Films) -> dict[str, Path]:
    """A grey film of a second and a logo: red at the left, half-transparent blue at the right."""
    path = films.folder / "logo.png"
    if not path.exists():
        logo = Image.new("RGBA", (80, 40), (*BLUE, 128))
        logo.paste((*RED, 255), (0, 0, 40, 40))
        logo.save(path)
    return {"a": films.write("grey.mp4", plain(GREY, 30, SIZE), sound=tone(500, 1.0)), "logo": path}


def near(pixel: Any, colour: tuple[int, ...], by: int = 10) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= by)


def changed(frame: Pixels) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is not grey."""
    rows, columns = np.nonzero(np.abs(frame.astype(int) - GREY).max(axis=2) > 24)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize(
    ("anchor", "corner"),
    [("top_left", (12, 20)), ("top", (120, 20)), ("right", (228, 100)), ("bottom_right", (228, 180)), ("center", (120, 100))],
)
def test_it_lies_where_anchor_and_margin_say(files: dict[str, Path], cook: Cook, anchor: str, corner: tuple[int, int]) -> None:
    """In its own size, from its upper left corner on; its transparency is kept."""
    made = cook(recipe, files, base="@a", seconds=0.1, overlays=[{"file": "@logo", "anchor": anchor, "margin_x": 12, "margin_y": 20}])
    frame = made.frames()[0]
    assert changed(frame) == pytest.approx((*corner, corner[0] + 80, corner[1] + 40), abs=2)
    assert near(frame[corner[1] + 20, corner[0] + 20], RED) and near(frame[corner[1] + 20, corner[0] + 60], (45, 45, 172), 14)
    assert made.facts["overlays"] == [{"left": corner[0], "top": corner[1], "width": 80, "height": 40}]


def test_it_is_seen_exactly_from_to(files: dict[str, Path], cook: Cook) -> None:
    """From frame 6 to frame 17, coming in over 4 frames and going over 2; the sound stays."""
    overlay = {"file": "@logo", "at": 0.2, "until": 0.6, "fade_in": 4 / 30, "fade_out": 2 / 30, "anchor": "center"}
    made = cook(recipe, files, base="@a", overlays=[overlay])
    red = [int(frame[120, 130, 0]) for frame in made.frames()]
    assert all(near(value, (90,)) for value in [*red[:6], *red[18:]]) and all(near(value, (255,)) for value in red[10:16])
    assert red[6:10] == sorted(red[6:10]) and red[8] < 250 and red[17] < 250
    assert level(made.samples(), 0.1, 0.9) == pytest.approx(0.25 / np.sqrt(2), rel=0.05)


def test_width_opacity_and_angle(files: dict[str, Path], cook: Cook) -> None:
    """Half the frame's width; half of its opacity; a quarter turn makes it stand."""
    wide = {"file": "@logo", "width": 0.5, "anchor": "top_left", "margin_x": 0, "margin_y": 0, "opacity": 0.5}
    turned = {"file": "@logo", "angle": 90, "anchor": "bottom_right", "margin_x": 0, "margin_y": 0}
    frame = cook(recipe, files, base="@a", seconds=0.1, overlays=[wide, turned]).frames()[0]
    assert near(frame[40, 40], (172, 45, 45), 14) and changed(frame[:100])[2] == pytest.approx(160, abs=2)
    assert changed(frame[140:, 200:]) == pytest.approx((80, 20, 120, 100), abs=2)
    assert near(frame[170, 300], RED) and near(frame[220, 300], (45, 45, 172), 14)


def test_a_film_over_a_film(films: Films, files: dict[str, Path], cook: Cook) -> None:
    """Its own frames from its own start, heard if asked; it hides, holds or begins again at its end."""
    small = films.numbered(10, sound=tone(1700, 10 / 30))

    def seen(**params: Any) -> list[int]:
        overlay = {"file": "@small", "anchor": "center", "at": 0.2, **params}
        made = cook(recipe, {**files, "small": small}, base="@a", overlays=[overlay])
        if params.get("volume"):
            heard = made.samples()
            assert strength(heard, 1700, 0.25, 0.45) > 0.15 and strength(heard, 1700, 0.7, 0.95) < 0.02 < strength(heard, 500, 0.7, 0.95)
        return [number_of(frame) for frame in made.frames()[:, 96:144, 128:192]]

    grey = 30  # the level of the grey film, told as a number
    assert seen(start=0.1, volume=1) == [*[grey] * 6, *range(3, 10), *[grey] * 17]
    assert seen(after="hold") == [*[grey] * 6, *range(10), *[9] * 14]
    assert seen(after="loop", until=0.9) == [*[grey] * 6, *range(10), *range(10), 0, *[grey] * 3]


def test_a_text_is_drawn_as_written(files: dict[str, Path], cook: Cook) -> None:
    """White letters on a blue panel, per cent signs and braces included, wrapped and inside the frame."""
    text = {
        "text": "100% {off}\\N : today's only, friends of the drum",
        "size": 0.08,
        "panel": "#0000ff",
        "panel_opacity": 1.0,
        "wrap": 0.5,
    }
    made = cook(recipe, files, base="@a", seconds=0.1, overlays=[{"text": text, "anchor": "center"}])
    frame, box = made.frames()[0], made.facts["overlays"][0]
    panel = frame[box["top"] : box["top"] + box["height"], box["left"] : box["left"] + box["width"]]
    assert changed(frame) == pytest.approx((box["left"], box["top"], box["left"] + box["width"], box["top"] + box["height"]), abs=2)
    assert near(panel[2, 2], BLUE, 14) and (panel.min(axis=2) > 200).sum() > 300
    assert box["width"] < 200 and box["height"] > 3 * 0.08 * 240


def test_clear_text_leaves_the_film_as_it_is(files: dict[str, Path], cook: Cook) -> None:
    """Between the letters nothing changes, and their edges are neither darker nor lighter than film and letter."""
    frame = cook(recipe, files, base="@a", seconds=0.1, overlays=[{"text": {"text": "Hum", "size": 0.3}, "anchor": "center"}]).frames()[0]
    grey = np.abs(frame.astype(int) - GREY).max(axis=2) <= 6
    assert grey.mean() > 0.8 and frame.min() >= 70 and (frame.min(axis=2) > 235).sum() > 500


def test_a_watermark_covers_the_frame(files: dict[str, Path], cook: Cook) -> None:
    """Repeated over all quarters of the frame, faint, and the film is still there between the repeats."""
    frame = cook(
        recipe, files, base="@a", seconds=0.1, overlays=[{"text": {"text": "sample"}, "tile": True, "angle": -30, "opacity": 0.4}]
    ).frames()[0]
    for quarter in (frame[:120, :160], frame[:120, 160:], frame[120:, :160], frame[120:, 160:]):
        strange = np.abs(quarter.astype(int) - GREY).max(axis=2) > 30
        assert 0.01 < strange.mean() < 0.4 and quarter.max() < 190


def test_the_same_thing_may_be_laid_over_twice(files: dict[str, Path], cook: Cook) -> None:
    """Equal pictures and equal texts, in two corners each."""
    things: list[dict[str, Any]] = [{"file": "@logo"}, {"text": {"text": "Hum", "panel": "#ffffff"}}]
    overlays = [
        {**thing, "anchor": anchor}
        for thing, anchors in zip(things, (("top_left", "top_right"), ("left", "right")), strict=True)
        for anchor in anchors
    ]
    made = cook(recipe, files, base="@a", seconds=0.1, overlays=overlays)
    frame = made.frames()[0]
    for box in made.facts["overlays"]:
        assert not near(frame[box["top"] + 3, box["left"] + 3], GREY, 30)


@pytest.mark.parametrize(
    ("overlay", "pointer", "told"),
    [
        ({"file": "@logo", "width": 1.0, "margin_x": 2}, "/params/overlays/0", "lies outside the frame"),
        ({"text": {"text": "far too long a text", "size": 0.5, "wrap": 1}}, "/params/overlays/0", "lies outside the frame"),
        ({"text": {"text": "ok 🎉 日"}}, "/params/overlays/0/text/text", "no letter for '🎉日'"),
        ({"text": {"text": "\x07"}}, "/params/overlays/0/text/text", "has no letter in it"),
        ({"file": "@logo", "at": 1.0}, "/params/overlays/0/at", "at or after the end"),
        ({"file": "@logo", "until": 1.5}, "/params/overlays/0/until", "after the end of the film"),
        ({"file": "@a", "width": 0.2, "tile": True}, "/params/overlays/0/tile", "is not repeated"),
        ({"file": "@logo", "until": 0.5, "fade_in": 0.6}, "/params/overlays/0/fade_in", "longer than the overlay is seen"),
    ],
)
def test_what_cannot_be_is_refused(files: dict[str, Path], cook: Cook, overlay: dict[str, Any], pointer: str, told: str) -> None:
    """Outside the frame or the film, letters that no font has: each with its place, and no film is made."""
    with pytest.raises(InvalidInput, match=told) as error:
        cook(recipe, files, base="@a", overlays=[overlay])
    assert [fault["pointer"] for fault in error.value.errors] == [pointer]
    assert not list(cook.folder.rglob("*.mp4"))


@pytest.mark.parametrize(
    ("overlay", "told"),
    [
        ({}, "give a file or a text"),
        ({"file": "@logo", "at": -1}, "greater than or equal to 0"),
        ({"file": "@logo", "at": 2, "until": 1}, "must come after at"),
        ({"file": "@logo", "anchor": "middle"}, "top_left"),
    ],
)
def test_params_that_make_no_sense(files: dict[str, Path], cook: Cook, overlay: dict[str, Any], told: str) -> None:
    """Refused before any file is looked at."""
    with pytest.raises(ValidationError, match=told):
        cook(recipe, files, base="@a", overlays=[overlay])
