"""Unlike clips, one after the other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from pipelines.video.concat import recipe
from pipelines.video.probe import probe
from tests.pipelines.video.films import Cook, Films, level, number_of, numbered, plain, tone

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def mean(frame: Any) -> tuple[int, ...]:
    return tuple(round(float(value)) for value in frame[20:28, 28:36].mean(axis=(0, 1)))


def alike(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, wanted, strict=True)) <= 8


def test_unlike_clips_become_one_film(films: Films, cook: Cook) -> None:
    """Another size, rate, depth, shape and a still: each is seen for exactly its frames, in its colours."""
    ten_bit = films.write("ten.mp4", plain(GREEN, 25, (48, 96)), fps=25, codec="libx265", pixels="yuv420p10le")
    Image.new("RGB", (300, 200), BLUE).save(films.folder / "blue.png")
    files = {"a": films.colour(RED, 1.0), "b": ten_bit, "c": films.folder / "blue.png"}
    made = cook(recipe, files, clips=[{"file": "@a"}, {"file": "@b"}, {"file": "@c", "seconds": 0.5}, {"file": "@a", "end": 0.2}])
    frames = made.frames()
    assert made.facts["frames"] == len(frames) == 30 + 30 + 15 + 6
    for number, colour in ((0, RED), (29, RED), (30, GREEN), (59, GREEN), (60, BLUE), (74, BLUE), (75, RED), (80, RED)):
        assert alike(mean(frames[number]), colour), number


def test_a_clip_may_be_used_twice(films: Films, cook: Cook) -> None:
    """The same part of the same file, again and again, sound and silence with it."""
    files = {"a": films.numbered(30, sound=tone(440, 1.0)), "b": films.numbered(30)}
    made = cook(recipe, files, clips=[{"file": f"@{name}", "end": 0.2} for name in "aabb"])
    assert [number_of(frame) for frame in made.frames()] == [0, 1, 2, 3, 4, 5] * 4
    heard = made.samples()
    assert level(heard, 0.05, 0.35) > 0.1 and level(heard, 0.45, 0.75) < 0.005


def test_transparent_stills_one_after_the_other(cook: Cook, tmp_path: Path) -> None:
    """The same one twice: each on the background, for its own time."""
    Image.new("RGBA", (64, 48), (255, 0, 0, 128)).save(tmp_path / "veil.png")
    still = {"file": "@veil", "seconds": 0.2}
    made = cook(recipe, {"veil": tmp_path / "veil.png"}, clips=[still, still], background="#0000ff")
    frames = made.frames()
    assert len(frames) == 12 and alike(mean(frames[0]), (127, 0, 127)) and alike(mean(frames[11]), (127, 0, 127))


def test_sound_stays_with_its_clip(films: Films, cook: Cook) -> None:
    """Silence where a clip has no sound, mono and surround made stereo, a clip turned down; nothing drifts at 29.97."""
    silent, mono = films.numbered(30), films.numbered(30, sound=tone(440, 1.0, channels=1), layout="mono")
    surround = films.write("surround-30.mp4", numbered(30), sound=tone(440, 1.0, channels=6), layout="5.1")
    files = {"silent": silent, "mono": mono, "surround": surround}
    clips = [{"file": "@silent"}, {"file": "@mono"}, {"file": "@surround"}, {"file": "@mono", "volume": 0.5}]
    made = cook(recipe, files, clips=clips, fps=29.97)
    heard, facts = made.samples(), probe(made.path)
    levels = [level(heard, second + 0.1, second + 0.9) for second in range(4)]
    assert levels[0] < 0.001 and levels[1] == pytest.approx(0.25 / np.sqrt(2), rel=0.05)
    assert levels[2] > 0.05 and levels[3] == pytest.approx(levels[1] / 2, rel=0.05)
    assert facts.video and facts.audio and (facts.video.frames, facts.video.fps) == (120, Fraction(30000, 1001))
    assert abs(facts.audio.seconds - facts.video.seconds) <= 1 / 30 and facts.audio.channels == 2


def test_a_film_without_any_sound_stays_silent(films: Films, cook: Cook) -> None:
    """No sound track is made up."""
    made = cook(recipe, {"a": films.numbered(30)}, clips=[{"file": "@a"}], width=128, height=128, background="#0000ff")
    assert probe(made.path).audio is None
    assert alike(tuple(made.frames()[0][2, 64].astype(int)), BLUE)


def test_transparency_is_kept_where_the_coding_can(films: Films, cook: Cook) -> None:
    """VP9 with alpha: clear bars beside the clip."""
    import av

    coding = {"container": "webm", "codec": "vp9", "pixel_format": "yuva420p", "preset": "ultrafast"}
    made = cook(recipe, {"a": films.colour(RED, 0.2)}, clips=[{"file": "@a"}], width=128, height=48, coding=coding)
    with av.open(str(made.path)) as container:
        stream = container.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        frame = next(frame for packet in container.demux(stream) for frame in decoder.decode(packet))
    pixels = frame.to_ndarray(format="rgba")
    assert pixels[24, 2, 3] < 8 and pixels[24, 64, 3] > 247


def test_all_faults_are_told_at_once(films: Films, cook: Cook) -> None:
    """Each clip that its file does not hold, with its place."""
    Image.new("RGB", (8, 8)).save(films.folder / "dot.png")
    files = {"a": films.numbered(60), "dot": films.folder / "dot.png"}
    with pytest.raises(InvalidInput) as error:
        cook(recipe, files, clips=[{"file": "@a", "end": 9}, {"file": "@a"}, {"file": "@a", "start": 7}, {"file": "@dot", "start": 1}])
    assert [fault["pointer"] for fault in error.value.errors] == ["/params/clips/0/end", "/params/clips/2/start", "/params/clips/3/start"]
