"""The timeline: what is written down is what is seen and heard, to the frame; what cannot be is told at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from core.errors import InvalidInput
from pipelines.video import soundtrack
from pipelines.video.layout import settled
from pipelines.video.probe import probe
from pipelines.video.timeline import Timeline, exact_rate
from tests.pipelines.video.films import Films, drawn, heard, number_of, tone
from tests.pipelines.video.timelines import SIZE, Desk

RED, GREEN, BLUE = (200, 30, 30), (30, 180, 40), (30, 40, 200)


@pytest.fixture
def desk(tmp_path: Path, films: Films) -> Desk:
    return Desk(
        tmp_path,
        numbers=films.numbered(60, sound=tone(440, 2)),
        red=films.colour(RED, 1.0),
        blue=films.colour(BLUE, 2.0, sound=tone(880, 2)),
        voice=films.colour(GREEN, 1.0, sound=tone(1500, 1)),
    )


def near(pixel: Any, colour: tuple[int, ...]) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= 6)


def level(samples: Any, frequency: float, begin: float, end: float) -> float:
    """How strongly a frequency is heard between two seconds, 1 for a full sine."""
    part = samples[0, int(begin * 48_000) : int(end * 48_000)]
    return float(2 * abs(np.mean(part * np.exp(-2j * np.pi * frequency * np.arange(len(part)) / 48_000))))


def test_clips_follow_each_other_to_the_frame(desk: Desk) -> None:
    """A part of one, a gap in the background's colour, another: each begins and ends where it says."""
    timeline = desk.timeline(
        [{"source": "numbers", "source_start": 12, "frames": 10}, {"source": "red", "start": 15, "frames": 5}],
        background="#1e28c8",
        frames=25,
    )
    frames = drawn(desk.picture(timeline), SIZE)
    assert [number_of(frame) for frame in frames[:10]] == list(range(12, 22))
    middles = frames[:, SIZE[1] // 2, SIZE[0] // 2]
    assert all(near(middle, BLUE) for middle in (*middles[10:15], *middles[20:25])) and all(near(middle, RED) for middle in middles[15:20])


def test_a_transition_runs_over_the_shared_frames(desk: Desk) -> None:
    """Ten frames of a wipe: before it the one clip, after it the other, inside it both."""
    timeline = desk.timeline([{"source": "red"}, {"source": "blue", "frames": 30, "transition": {"name": "wipeleft", "frames": 10}}])
    frames = drawn(desk.picture(timeline), SIZE)
    assert len(frames) == 50
    assert near(frames[19, 24, 32], RED) and near(frames[31, 24, 32], BLUE)
    assert near(frames[25, 24, 2], RED) and near(frames[25, 24, 61], BLUE)


def test_layers_have_place_size_opacity_and_fades(desk: Desk) -> None:
    """A quarter-sized blue box in the corner at half opacity over red, coming in over ten frames."""
    box = {"source": "blue", "start": 5, "frames": 20, "scale": 0.5, "x": 0.25, "y": 0.25, "opacity": 0.5, "fade_in": 10}
    frames = drawn(desk.picture(desk.timeline([{"source": "red"}], [box])), SIZE)
    assert near(frames[4, 8, 8], RED) and near(frames[26, 8, 8], RED) and near(frames[20, 30, 40], RED)
    mixed = tuple((a + b) // 2 for a, b in zip(RED, BLUE, strict=True))
    assert near(frames[20, 8, 8], mixed)
    reds = frames[5:16, 8, 8, 0].astype(int)
    assert (np.diff(reds) <= 1).all() and reds[0] - reds[-1] > 60


def test_speed_keeps_the_grid(desk: Desk) -> None:
    """Twice as fast shows every other frame, half as fast each one twice; the sound keeps its pitch."""
    fast, slow = (desk.timeline([{"source": "numbers", "speed": speed, "frames": 20}]) for speed in (2, 0.5))
    assert [number_of(frame) for frame in drawn(desk.picture(fast), SIZE)] == list(range(0, 40, 2))
    seen = [number_of(frame) for frame in drawn(desk.picture(slow), SIZE)]
    assert all(abs(number - index / 2) <= 0.5 for index, number in enumerate(seen))
    samples = heard(soundtrack.sound(desk.layout(fast)))
    assert samples.shape[1] == 32_000 and level(samples, 440, 0.1, 0.6) > 0.15


def test_words_are_seen_only_in_their_time(desk: Desk) -> None:
    """White letters on red from the first frame to the last one of the clip, braces and backslashes as they are."""
    words = {"type": "text", "text": "{W} 100% \\N", "start": 7, "frames": 8, "size": 0.25}
    frames = drawn(desk.picture(desk.timeline([{"source": "red"}], [words])), SIZE)
    lit = [bool((frame.min(axis=2) > 120).any()) for frame in frames]
    assert [index for index, one in enumerate(lit) if one] == list(range(7, 15))


def test_sounds_are_mixed_at_their_places(desk: Desk) -> None:
    """One track's tone, another's half a second later and 6 dB quieter, silence behind; as long as the picture to the sample."""
    timeline = desk.timeline(
        [{"source": "numbers", "frames": 30}], {"volume": -6, "hidden": True, "clips": [{"source": "voice", "start": 15}]}, frames=60
    )
    samples = heard(soundtrack.sound(desk.layout(timeline)))
    assert samples.shape[1] == 96_000
    assert level(samples, 1500, 0.1, 0.4) < 0.002 and level(samples, 440, 0.1, 0.9) == pytest.approx(0.25, abs=0.02)
    assert level(samples, 1500, 0.6, 1.4) == pytest.approx(0.125, abs=0.01) and np.abs(samples[:, 74_000:]).max() < 0.001


def test_a_transition_crosses_the_sounds(desk: Desk) -> None:
    """In the middle of it both tones are heard, at even power."""
    timeline = desk.timeline([{"source": "numbers"}, {"source": "blue", "transition": {"frames": 30}}])
    samples = heard(soundtrack.sound(desk.layout(timeline)))
    assert samples.shape[1] == 144_000
    assert level(samples, 440, 1.45, 1.55) == pytest.approx(0.25 * 0.707, abs=0.03)
    assert level(samples, 880, 1.45, 1.55) == pytest.approx(0.25 * 0.707, abs=0.03)


def test_a_render_is_exactly_as_long_as_written(desk: Desk) -> None:
    """At 29.97 frames a second, too: frames counted, sound within one frame of the picture."""
    timeline = desk.timeline([{"source": "blue", "frames": 47}], fps="29.97")
    facts = probe(desk.whole(timeline))
    assert facts.video and facts.audio
    assert (facts.video.frames, facts.video.fps) == (47, Fraction(30000, 1001))
    assert abs(facts.audio.seconds - facts.video.seconds) < 1001 / 30000


@pytest.mark.parametrize(
    ("clips", "pointer", "words"),
    [
        ([{"source": "red"}, {"source": "blue", "start": 20}], "/1/start", "inside the clip before it"),
        ([{"source": "red", "frames": 40}], "/0/frames", "has 30 from there"),
        ([{"source": "red", "source_start": 30}], "/0/source_start", "nothing of it is left"),
        ([{"source": "red"}, {"source": "blue", "transition": {"name": "wipelefd"}}], "/1/transition/name", "wipeleft"),
        ([{"source": "red", "transition": {}}], "/0/transition", "comes from nothing"),
        ([{"source": "red"}, {"source": "blue", "start": 30, "transition": {"frames": 5}}], "/1/start", "begins at frame 25"),
        ([{"source": "red"}, {"source": "blue", "frames": 4, "transition": {"frames": 5}}], "/1/transition/frames", "the clip has 4"),
        ([{"source": "red", "fade_in": 20, "fade_out": 20}], "/0/fade_in", "fades take 40"),
    ],
)
def test_faults_of_clips(desk: Desk, clips: list[dict[str, Any]], pointer: str, words: str) -> None:
    """Each is told with its place and what would be right."""
    with pytest.raises(InvalidInput) as refused:
        desk.layout(desk.timeline(clips))
    assert [fault["pointer"] for fault in refused.value.errors] == [f"/params/tracks/0/clips{pointer}"]
    assert words in refused.value.errors[0]["detail"]


@pytest.mark.parametrize(
    "fields", [{"fps": "0"}, {"fps": "30/0"}, {"fps": "61"}, {"width": 63}, {"frames": 0}, {"coding": {"two_pass": True, "bitrate": 500}}]
)
def test_frames_that_cannot_be(desk: Desk, fields: dict[str, Any]) -> None:
    """Rates, sizes, lengths and codings out of range are refused with the field's name."""
    with pytest.raises(ValidationError) as refused:
        desk.timeline([{"source": "red"}], **fields)
    assert [error["loc"][0] for error in refused.value.errors()] == [next(iter(fields))]


def test_negative_times_are_refused(desk: Desk) -> None:
    """Of a clip's start, its part of the file, its fades."""
    for field in ("start", "source_start", "fade_in", "frames"):
        with pytest.raises(ValidationError):
            desk.timeline([{"source": "red", field: -1}])


@pytest.mark.parametrize(
    ("words", "rate"), [("29.97", Fraction(30000, 1001)), ("23.98", Fraction(24000, 1001)), ("25", Fraction(25)), ("12.5", Fraction(25, 2))]
)
def test_rates_are_what_is_meant(words: str, rate: Fraction) -> None:
    """Television's decimals stand for its fractions."""
    assert exact_rate(words) == rate


def test_a_settled_timeline_means_the_same(desk: Desk) -> None:
    """With all places written out and what is elsewhere left out, a span of it shows the same frames."""
    crossed: dict[str, Any] = {"source": "blue", "frames": 30, "transition": {"frames": 10}}
    timeline = desk.timeline(
        [{"source": "red"}, crossed, {"source": "numbers", "frames": 20}], [{"source": "voice", "start": 32, "frames": 10, "scale": 0.5}]
    )
    part = settled(timeline, desk.layout(timeline), 30, 60)
    assert [len(track.clips) for track in part.tracks] == [2, 1]
    assert (drawn(desk.picture(part, 30, 60), SIZE) == drawn(desk.picture(timeline, 30, 60), SIZE)).all()
    assert Timeline.model_validate_json(part.model_dump_json()) == part


def test_what_a_title_loses_is_told(desk: Desk) -> None:
    """Letters that the font lacks, and emoji, which are left out."""
    notes = desk.layout(desk.timeline([{"type": "text", "text": "Hum 日 🎉", "frames": 10}])).notes
    assert len(notes) == 2 and "日" in notes[0] and "🎉" in notes[1]
