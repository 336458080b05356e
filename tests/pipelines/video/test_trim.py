"""A part of a video, exact to the frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video.probe import probe
from pipelines.video.trim import recipe
from tests.pipelines.video.films import Cook, Films, number_of, numbered, strength, tone


def test_exactly_the_frames_asked_for(films: Films, cook: Cook) -> None:
    """From 0.5 s to 1.2 s of 30 frames a second are the frames 15 to 35, and progress was told."""
    made = cook(recipe, {"a": films.numbered(60)}, file="@a", start=0.5, end=1.2)
    assert [number_of(frame) for frame in made.frames()] == list(range(15, 36))
    assert (made.facts["frames"], made.facts["seconds"], made.facts["sound"]) == (21, 0.7, False)
    assert cook.told and cook.told[-1][0] == 1.0


def test_the_sound_is_cut_with_it(films: Films, cook: Cook) -> None:
    """What is heard in the cut is what was heard there; picture and sound end within a frame of each other."""
    sound = tone(500, 2.0)
    sound[:, 48_000:] = tone(1500, 1.0)
    made = cook(recipe, {"a": films.write("two-tones.mp4", numbered(60), sound=sound)}, file="@a", start=1.0, seconds=0.8)
    facts, heard = probe(made.path), made.samples()
    assert strength(heard, 1500, 0.1, 0.7) > 0.2 and strength(heard, 500, 0.1, 0.7) < 0.01
    assert facts.video and facts.audio and abs(facts.video.seconds - facts.audio.seconds) <= 1 / 30


def test_without_an_end_it_runs_to_the_files_own(films: Films, cook: Cook) -> None:
    """Only a start is given; another rate is kept to in whole frames."""
    made = cook(recipe, {"a": films.numbered(60)}, file="@a", start=1.5, fps=29.97)
    assert made.facts["frames"] == 15 and number_of(made.frames()[0]) == 45
    video = probe(made.path).video
    assert video and video.fps == Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("params", "pointer", "told"),
    [
        ({"end": 5}, "/params/end", "beyond the end of the file, which lasts 2.000 s"),
        ({"start": 2.0}, "/params/start", "at or after the end"),
        ({"start": 1.5, "seconds": 1}, "/params/seconds", "2.5 s is beyond"),
    ],
)
def test_what_the_file_does_not_hold_is_refused(films: Films, cook: Cook, params: dict[str, Any], pointer: str, told: str) -> None:
    """A trim beyond the end says where the end is, and leaves no file."""
    with pytest.raises(InvalidInput, match=told) as error:
        cook(recipe, {"a": films.numbered(60)}, file="@a", **params)
    assert [fault["pointer"] for fault in error.value.errors] == [pointer]
    assert not [path for path in cook.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"start": -1}, "greater than or equal to 0"),
        ({"start": 1, "end": 0.5}, "must come after start"),
        ({"end": 1, "seconds": 1}, "not both"),
        ({"start": float("nan")}, "finite"),
        ({"width": 100}, "width and height"),
        ({"width": 101, "height": 100}, "multiple of 2"),
    ],
)
def test_times_and_sizes_that_make_no_sense(cook: Cook, params: dict[str, Any], told: str) -> None:
    """Refused before any file is looked at."""
    with pytest.raises(ValidationError, match=told):
        cook(recipe, {"a": Path("none.mp4")}, file="@a", **params)


def test_text_renamed_is_told_with_its_place(cook: Cook, tmp_path: Path) -> None:
    """The fault names the param whose file cannot be read."""
    (tmp_path / "notes.mp4").write_text("these are only words\n" * 20)
    with pytest.raises(MediaUnreadable, match="not a video") as error:
        cook(recipe, {"a": tmp_path / "notes.mp4"}, file="@a")
    assert error.value.errors[0]["pointer"] == "/params/file"


def test_a_still_or_a_sound_is_no_video(films: Films, cook: Cook, tmp_path: Path) -> None:
    """Each is told to be what it is, under the name of its param."""
    Image.new("RGB", (32, 32)).save(tmp_path / "still.png")
    for name, path in {
        "is a still picture": tmp_path / "still.png",
        "holds no picture": films.recoded(films.numbered(30, sound=tone(440, 1.0)), "alone.m4a", "-vn"),
    }.items():
        with pytest.raises(InvalidInput, match=name) as refused:
            cook(recipe, {"a": path}, file="@a", seconds=0.1)
        assert [fault["pointer"] for fault in refused.value.errors] == ["/params/file"]
