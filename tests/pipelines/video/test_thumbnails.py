"""`video.thumbnails`: good frames, unlike each other, with people in them, and a sheet of the whole film."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from pipelines.video.caption_files import vtt_time
from pipelines.video.thumbnails import recipe
from tests.pipelines.video.films import Cook, Films, Pixels, number_of, plain
from tests.pipelines.video.scenery import blurred, drifting, photo

SIZE = (192, 108)
WIDE = (288, 162)


def shot(name: str) -> list[Pixels]:
    return drifting(photo(name, WIDE), SIZE, 20)


def test_black_and_blurred_frames_are_avoided(films: Films, cook: Cook) -> None:
    """Of a film that is mostly black or blurred the few good frames are taken, one of each scene."""
    coffee, cat = shot("coffee"), shot("cat")
    frames = [*plain((0, 0, 0), 20, SIZE), *coffee, *[blurred(one, 4) for one in coffee], *plain((255, 255, 255), 10, SIZE), *cat]
    cooked = cook(recipe, {"a": films.write("spoilt.mp4", frames)}, video="@a", count=2, sprites=False, faces=False)
    numbers = [one["frame"] for one in cooked.facts["thumbnails"]]
    assert {20 <= number < 40 for number in numbers} == {True, False}
    assert all(20 <= number < 40 or 70 <= number < 90 for number in numbers)
    assert cooked.facts["refused"] == {"black": 20, "blurred": 20, "white": 10}
    assert cooked.facts["notes"] == []


def test_thumbnails_are_unlike_each_other(films: Films, cook: Cook) -> None:
    """Three scenes, one long and better than the others: still one of each."""
    frames = [*shot("coffee"), *shot("coffee"), *shot("coffee"), *shot("cat"), *shot("gravel")]
    cooked = cook(recipe, {"a": films.write("long-scene.mp4", frames)}, video="@a", count=3, sprites=False, faces=False)
    assert sorted(max(2, one["frame"] // 20) for one in cooked.facts["thumbnails"]) == [2, 3, 4]


def test_people_come_first(films: Films, cook: Cook) -> None:
    """The frame with a face is the best, and the reasons say so; the rank is in each picture's facts."""
    frames = [*shot("coffee")[:6], *drifting(photo("astronaut", (400, 400))[:, 60:], (240, 240), 6), *shot("cat")[:6]]
    square = [np.asarray(Image.fromarray(one).resize((192, 192))) for one in frames]
    cooked = cook(recipe, {"a": films.write("face.mp4", square)}, video="@a", count=2, sprites=False)
    best = cooked.facts["thumbnails"][0]
    assert 6 <= best["frame"] < 12 and best["scores"]["faces"] == 1 and "one face" in best["why"]
    assert [product.facts["rank"] for product in cooked.made.products] == [1, 2]
    assert cooked.made.products[0].media_type == "image/jpeg"


def test_a_still_film_has_one_thumbnail(films: Films, cook: Cook) -> None:
    """Nearly equal frames are not handed out as three; the note says why."""
    cooked = cook(recipe, {"a": films.write("still.mp4", [photo("coffee", SIZE)] * 20)}, video="@a", count=3, sprites=False, faces=False)
    assert len(cooked.made.products) == 1 and "Only 1 of 3" in cooked.facts["notes"][0]


def test_a_film_with_nothing_in_it_still_gives_one(films: Films, cook: Cook) -> None:
    """A black film: one picture, and the note that it is the best there is."""
    cooked = cook(recipe, {"a": films.write("black.mp4", plain((0, 0, 0), 10, SIZE))}, video="@a", count=2, sprites=False, faces=False)
    assert len(cooked.made.products) == 1 and "nothing better: black" in cooked.facts["thumbnails"][0]["why"]


def test_the_sheet_shows_the_second_that_its_index_says(films: Films, cook: Cook) -> None:
    """Every cue of the WebVTT file covers its stretch, and the tile it points to is a frame out of it."""
    cooked = cook(recipe, {"a": films.numbered(80)}, video="@a", count=1, sprite_width=32, sprite_seconds=0.2, faces=False)
    *_, sheet, index = cooked.made.products
    picture = np.asarray(Image.open(sheet.path))
    cues = re.findall(r"(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)", index.path.read_text())
    assert (sheet.media_type, index.media_type) == ("image/jpeg", "text/vtt")
    assert len(cues) == 14 and cues[0][0] == "00:00:00.000" and cues[-1][1] == vtt_time(80 / 30)
    assert [start for start, *_ in cues[1:]] == [end for _, end, *_ in cues[:-1]]
    for place, (_, _, name, *box) in enumerate(cues):
        left, top, wide, high = map(int, box)
        assert name == sheet.path.name and (wide, high) == (32, 24)
        number = number_of(picture[top : top + high, left : left + wide])
        assert abs(number / 30 - (place + 0.5) * 0.2) < 0.14


@pytest.mark.parametrize("count", [1, 3])
def test_one_frame_is_enough(films: Films, cook: Cook, count: int) -> None:
    """The shortest film has a thumbnail and a sheet of one tile."""
    cooked = cook(recipe, {"a": films.write("one-coffee.mp4", [photo("coffee", SIZE)])}, video="@a", count=count, faces=False)
    assert [product.role for product in cooked.made.products] == ["thumbnail", "sprite_sheet", "sprite_index"]
