"""Several pictures in one frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import InvalidInput
from pipelines.video.probe import probe
from pipelines.video.split_screen import recipe
from tests.pipelines.video.films import Cook, Films, level, number_of, strength, tone

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= 10)


def test_each_cell_shows_its_own(films: Films, cook: Cook) -> None:
    """Three colours, one of them a still of another shape, between them gaps and around them a border."""
    Image.new("RGB", (30, 90), BLUE).save(films.folder / "tall.png")
    files = {"a": films.colour(RED), "b": films.colour(GREEN, 0.5, 25), "c": films.folder / "tall.png"}
    cells = [{"file": "@a"}, {"file": "@b"}, {"file": "@c"}]
    made = cook(recipe, files, layout="large_left_2", cells=cells, width=320, height=240, gap=8, border=10, colour="#ffffff")
    frames = made.frames()
    assert frames.shape == (30, 240, 320, 3)
    for box, colour in zip(made.facts["cells"], (RED, GREEN, BLUE), strict=True):
        right, bottom = box["left"] + box["width"] - 3, box["top"] + box["height"] - 3
        assert all(near(frames[29, y, x], colour) for x in (box["left"] + 2, right) for y in (box["top"] + 2, bottom))
    left = made.facts["cells"][0]
    assert near(frames[0, 3, 3], WHITE) and near(frames[0, -3, -3], WHITE) and near(frames[0, 120, left["left"] + left["width"] + 4], WHITE)


def test_the_longest_or_the_shortest_decides(films: Films, cook: Cook) -> None:
    """A cell that ends earlier holds its last frame or begins again; the shortest cuts the others."""
    files = {"a": films.numbered(10), "b": films.numbered(25)}
    cells = [{"file": "@a"}, {"file": "@b"}]

    def left(**params: Any) -> list[int]:
        made = cook(recipe, files, layout="side_by_side", cells=cells, width=128, height=48, **params)
        return [number_of(frame[:, :64]) for frame in made.frames()]

    assert left() == [*range(10), *[9] * 15]
    assert left(after="loop") == [*range(10), *range(10), *range(5)]
    assert left(length="shortest") == list(range(10))


@pytest.mark.parametrize(("sound", "first", "second"), [("mix", True, True), (1, False, True), ("none", None, None), (2, False, False)])
def test_who_is_heard(films: Films, cook: Cook, sound: Any, first: bool | None, second: bool | None) -> None:
    """All cells, one of them, none; each at its own level."""
    files = {"a": films.colour(RED, sound=tone(500, 1.0)), "b": films.colour(GREEN, sound=tone(1700, 1.0)), "c": films.colour(BLUE)}
    cells = [{"file": "@a"}, {"file": "@b"}, {"file": "@c"}]
    made = cook(recipe, files, layout="three_columns", cells=cells, sound=sound, width=96, height=48)
    if first is None:
        assert probe(made.path).audio is None
        return
    heard = made.samples()
    assert strength(heard, 500, 0.1, 0.9) == pytest.approx(0.25 if first else 0.0, abs=0.02)
    assert strength(heard, 1700, 0.1, 0.9) == pytest.approx(0.25 if second else 0.0, abs=0.02)


def test_a_mix_never_clips(films: Films, cook: Cook) -> None:
    """Six loud sounds together stay below full scale."""
    files = {"a": films.colour(RED, sound=tone(440, 1.0, 0.8))}
    heard = cook(recipe, files, layout="grid_3x2", cells=[{"file": "@a"}] * 6, width=96, height=64).samples()
    assert np.abs(heard[:, 4800:-4800]).max() <= 1.0 and level(heard, 0.2, 0.8) > 0.5


@pytest.mark.parametrize(
    ("params", "place", "told"),
    [
        ({"layout": "grid_2x2"}, "cells", "grid_2x2 has 4 cells, 2 are given; for 2 there are side_by_side"),
        ({"layout": "side_by"}, "layout", "there is no layout 'side_by'; the nearest are side_by_side"),
        ({}, "grid", "give a layout or a grid"),
        ({"grid": {"columns": 3, "rows": 1}}, "cells", "the grid has 3 cells"),
        ({"layout": "stacked", "sound": 2}, "sound", "there is no cell 2"),
        ({"layout": "stacked", "gap": 3}, "gap", "multiple of 2"),
    ],
)
def test_what_does_not_fit_is_refused(cook: Cook, params: dict[str, Any], place: str, told: str) -> None:
    """Cells and layout must agree; names are answered with the nearest; the fault is told where it is."""
    with pytest.raises(ValidationError, match=told) as error:
        cook(recipe, {"a": cook.folder}, cells=[{"file": "@a"}, {"file": "@a"}], **params)
    assert [fault["loc"][0] for fault in error.value.errors()] == [place]


def test_faults_of_the_files_are_told_together(films: Films, cook: Cook) -> None:
    """A cell's span beyond its file, a part that is to begin again, and gaps that leave no room."""
    cells = [{"file": "@a", "end": 9}, {"file": "@a"}]
    with pytest.raises(InvalidInput) as error:
        cook(recipe, {"a": films.numbered(30)}, layout="side_by_side", cells=cells, after="loop", gap=60)
    assert [fault["pointer"] for fault in error.value.errors] == ["/params/cells/0/end", "/params/cells/0", "/params/gap"]
