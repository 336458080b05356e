"""Clips that go over into each other."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import InvalidInput
from pipelines.video import ffmpeg
from pipelines.video.probe import probe
from pipelines.video.transition import CURVES, recipe
from pipelines.video.xfades import XFADES
from tests.pipelines.video.films import Cook, Films, level, number_of, plain, strength, tone

RED, BLUE = (255, 0, 0), (0, 0, 255)


def test_every_frame_is_where_it_belongs(films: Films, cook: Cook) -> None:
    """One clip, six frames of both, the other clip: before and after the transition the clips' own frames are seen."""
    files = {"a": films.numbered(30), "b": films.numbered(60)}
    made = cook(recipe, files, clips=[{"file": "@a"}, {"file": "@b", "start": 1.0}], transitions=[{"name": "wipeleft", "seconds": 0.2}])
    numbers = [number_of(frame) for frame in made.frames()]
    assert made.facts["frames"] == len(numbers) == 30 + 30 - 6 and made.facts["starts"] == [0.0, 0.8]
    assert numbers[:24] == list(range(24)) and numbers[30:] == list(range(36, 60))


def test_a_fade_mixes_evenly(films: Films, cook: Cook) -> None:
    """In the middle of a fade both colours are there by half."""
    files = {"a": films.colour(RED), "b": films.colour(BLUE)}
    made = cook(recipe, files, clips=[{"file": "@a"}, {"file": "@b"}], transitions=[{"seconds": 0.5}])
    frame = made.frames()[15 + 7].mean(axis=(0, 1))
    assert 110 < frame[0] < 145 and 110 < frame[2] < 145 and frame[1] < 12


def test_a_chain_of_unlike_clips(films: Films, cook: Cook) -> None:
    """Four clips with three transitions; a still and another rate among them, each sound under its clip."""
    Image.new("RGB", (90, 90), (0, 255, 0)).save(films.folder / "green.png")
    files = {
        "a": films.colour(RED, 1.0, sound=tone(500, 1.0)),
        "b": films.write("b-25.mp4", plain(BLUE, 25), fps=25, sound=tone(1500, 1.0)),
        "c": films.folder / "green.png",
    }
    clips = [{"file": "@a"}, {"file": "@b"}, {"file": "@c", "seconds": 1}, {"file": "@a"}]
    joins = [{"name": "fade", "seconds": 0.5}, {"name": "circleopen", "seconds": 0.2}, {"name": "slideup", "seconds": 0.1}]
    made = cook(recipe, files, clips=clips, transitions=joins)
    facts, heard = probe(made.path), made.samples()
    assert facts.video and facts.audio and facts.video.frames == 120 - 15 - 6 - 3
    assert abs(facts.audio.seconds - facts.video.seconds) <= 1 / 30
    assert strength(heard, 500, 0.1, 0.4) > 0.2 and strength(heard, 1500, 1.05, 1.25) > 0.2
    assert strength(heard, 500, 1.05, 1.25) < 0.02 and level(heard, 1.55, 2.1) < 0.005


def test_the_sounds_cross_at_an_even_loudness(films: Films, cook: Cook) -> None:
    """Unlike sounds stay as loud in the middle of the crossing as before and after it."""
    files = {"a": films.colour(RED, 1.0, sound=tone(500, 1.0)), "b": films.colour(BLUE, 1.0, sound=tone(1700, 1.0))}
    heard = cook(recipe, files, clips=[{"file": "@a"}, {"file": "@b"}], transitions=[{"seconds": 0.6}]).samples()
    assert level(heard, 0.6, 0.8) == pytest.approx(level(heard, 0.1, 0.3), rel=0.1)
    assert strength(heard, 500, 0.6, 0.8) == pytest.approx(strength(heard, 1700, 0.6, 0.8), rel=0.15)


def test_the_names_are_ffmpegs_own() -> None:
    """Transitions and curves are all that the packaged ffmpeg has."""

    def listed(filter_name: str, option: str) -> set[str]:
        told = subprocess.run([ffmpeg.binary(), "-hide_banner", "-h", f"filter={filter_name}"], capture_output=True, text=True, check=True)
        section = told.stdout.split(f"   {option} ", 1)[1]
        found = set()
        for line in section.splitlines()[1:]:
            value = re.match(r"     (\w+) +-?\d+ ", line)
            if not value:
                break
            found.add(value[1])
        return found

    assert set(XFADES) == listed("xfade", "transition") - {"custom"}
    assert set(CURVES) == listed("acrossfade", "curve1")


@pytest.mark.parametrize("names", [XFADES[:20], XFADES[20:40], XFADES[40:]])
def test_every_transition_works(films: Films, cook: Cook, names: tuple[str, ...]) -> None:
    """A film through each of them has the frames that the params say, and shows something of its own in each."""
    files = {"a": films.colour(RED, 0.2), "b": films.colour(BLUE, 0.2)}
    clips = [{"file": f"@{'ab'[index % 2]}"} for index in range(len(names) + 1)]
    made = cook(recipe, files, clips=clips, transitions=[{"name": name, "seconds": 0.1} for name in names])
    frames = made.frames().astype(int)
    assert len(frames) == 6 + 3 * len(names)
    for index, name in enumerate(names):
        unlike = [min(np.abs(frame - colour).mean() for colour in (RED, BLUE)) for frame in frames[3 + 3 * index : 6 + 3 * index]]
        # `distance` goes by the difference of single pixels: plain colours change over all at once.
        assert max(unlike) > 3 or name == "distance", name
    assert np.abs(frames[-1] - (RED, BLUE)[len(names) % 2]).mean() < 3


@pytest.mark.parametrize(
    ("name", "near"), [("disolve", "dissolve"), ("wipe_left", "wipeleft"), ("circle", "circleopen"), ("cubism", "there are fade")]
)
def test_an_unknown_name_is_answered_with_the_nearest(cook: Cook, name: str, near: str) -> None:
    """The fault tells what was perhaps meant."""
    clips = [{"file": "@a"}, {"file": "@a"}]
    with pytest.raises(ValidationError, match=f"there is no transition '{name}'.*{near}"):
        cook(recipe, {"a": cook.folder}, clips=clips, transitions=[{"name": name}])


@pytest.mark.parametrize(
    ("seconds", "pointer"), [([1.5, 0.2], "/params/transitions/0/seconds"), ([0.5, 0.6], "/params/transitions/1/seconds")]
)
def test_a_clip_holds_its_transitions(films: Films, cook: Cook, seconds: list[float], pointer: str) -> None:
    """Longer than a clip, or together longer than the clip between them: refused with the clip's own length."""
    clips: list[Any] = [{"file": "@a"}] * 3
    with pytest.raises(InvalidInput, match=r"the clip lasts 1.000 s") as error:
        cook(recipe, {"a": films.numbered(30)}, clips=clips, transitions=[{"seconds": length} for length in seconds])
    assert pointer in [fault["pointer"] for fault in error.value.errors]


def test_as_many_transitions_as_joins(cook: Cook) -> None:
    """One for all or one for each, nothing between."""
    with pytest.raises(ValidationError, match="4 clips have 3 transitions"):
        cook(recipe, {"a": cook.folder}, clips=[{"file": "@a"}] * 4, transitions=[{}, {}])
