"""Frames out of a film by number and second, as a player shows them."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput
from pipelines.video import ffmpeg, inputs
from pipelines.video.footage import examine
from pipelines.video.reel import Reel
from tests.pipelines.video.films import Films, drawn, number_of, numbered, tone


def test_every_frame_is_found_by_its_number(films: Films) -> None:
    """Near and far, across key frames and B frames, each number gives its own frame and second, in order."""
    reel = Reel(examine(films.numbered(80, gop_size=12, max_b_frames=2)))
    wanted = [0, 1, 11, 12, 13, 40, 41, 79]
    found = [(frame.number, frame.seconds, number_of(frame.pixels())) for frame in reel.pick(reversed(wanted))]
    assert [(number, shown) for number, _, shown in found] == [(number, number) for number in wanted]
    assert [seconds for _, seconds, _ in found] == pytest.approx([number / 30 for number in wanted])
    assert len(reel.keys) > 3


def test_a_film_cut_out_of_another_without_encoding(films: Films) -> None:
    """Its first key frame is hidden by an edit list; the frames that are shown are counted from 0 and found all the same."""
    whole = films.numbered(80, gop_size=12, max_b_frames=2)
    part = whole.with_name("copied-part.mp4")
    subprocess.run([ffmpeg.binary(), "-v", "error", "-ss", "0.7", "-i", str(whole), "-c", "copy", str(part)], check=True)
    reel = Reel(examine(part))
    walked = [number_of(frame.pixels()) for frame in reel.walk()]
    assert walked == list(range(walked[0], 80)) and walked[0] > 0
    assert [number_of(frame.pixels()) for frame in reel.pick([0, 5, 40])] == [walked[0], walked[5], walked[40]]


def test_walking_gives_all_frames_in_order(films: Films) -> None:
    """None is lost or doubled."""
    reel = Reel(examine(films.numbered(60)))
    assert [number_of(frame.pixels()) for frame in reel.walk()] == list(range(60))


def test_a_varying_rate_is_asked_by_the_second(films: Films) -> None:
    """The frame at a second is the one that is on the screen then, however long it stays."""
    reel = Reel(examine(films.write("vfr.mp4", numbered(6), times=[0, 40, 80, 500, 1500, 1600])))
    assert [reel.at(second) for second in (0.0, 0.05, 0.3, 1.0, 1.55, 9.0)] == [0, 1, 2, 3, 4, 5]
    assert reel.times[3] == pytest.approx(0.5)


def test_a_turned_film_gives_upright_pixels(films: Films) -> None:
    """What was on the left of the stored picture is at the bottom after a turn to the left."""
    half = [np.hstack([np.zeros((48, 32, 3), np.uint8), np.full((48, 32, 3), 255, np.uint8)])] * 3
    turned = films.turned(films.write("half.mp4", half), 90)
    pixels = next(Reel(examine(turned)).walk()).pixels()
    assert pixels.shape == (64, 48, 3)
    assert pixels[:20].mean() > 240 and pixels[-20:].mean() < 15


def test_frames_are_reduced_and_never_enlarged(films: Films) -> None:
    """The longer side is what was asked for, the shape stays."""
    frame = next(Reel(examine(films.numbered(60))).walk())
    assert frame.pixels(32).shape == (24, 32, 3)
    assert frame.pixels(900).shape == (48, 64, 3)


def test_high_dynamic_range_looks_as_in_a_render(films: Films) -> None:
    """A single frame of a PQ film has the tones that a render of that film has: black stays black, paper white is light."""
    levels = [np.full((48, 64, 3), value, np.uint8) for value in (0, 70, 110, 148)]  # 148 of 255 is about 203 nits
    path = films.write("pq.mkv", levels, codec="libx265", pixels="yuv420p10le", colorspace=9, color_primaries=9, color_trc=16)
    source = examine(path)
    found = [float(frame.pixels().mean()) for frame in Reel(source).walk()]
    rendered = drawn(inputs.picture(source, (64, 48), Fraction(30), frames=4), (64, 48)).mean(axis=(1, 2, 3))
    assert found == pytest.approx(rendered, abs=8)
    assert found[0] < 3 and found == sorted(found) and 150 < found[-1] < 250


def test_sound_alone_has_no_frames(films: Films, tone_file: Path) -> None:
    """The file is named and what to give instead."""
    with pytest.raises(InvalidInput, match="holds no picture"):
        Reel(examine(tone_file))


@pytest.fixture
def tone_file(films: Films) -> Path:
    import wave

    path = films.folder / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((tone(440, 0.2, channels=1)[0] * 32_767).astype("<i2").tobytes())
    return path
