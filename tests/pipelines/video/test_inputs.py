"""Streams made of anybody's files: upright, alike, and exactly as long as was asked."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from pipelines.video.footage import Source, examine
from pipelines.video.inputs import frames_in, ground, picture, samples_in, silence, sound
from tests.pipelines.video.films import RATE, SMALL, Films, drawn, heard, level, number_of, numbered, plain, strength, tone

FPS = Fraction(30)
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def numbers(source: Source, frames: int, start: float = 0.0, fps: Fraction = FPS, **more: Any) -> list[int]:
    return [number_of(frame) for frame in drawn(picture(source, SMALL, fps, frames=frames, start=start, **more), SMALL)]


def near(pixel: Any, colour: tuple[int, int, int], by: int = 6) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= by)


@pytest.mark.parametrize("start", [0.0, 1 / 30, 2 / 30, 0.7, 1.9])
def test_it_begins_at_the_very_frame(films: Films, start: float) -> None:
    """From any frame on, after a seek as without one, exactly the frames that follow come; past the end the last one stays."""
    first = round(start * 30)
    assert numbers(examine(films.numbered(60)), 6, start) == [min(59, first + index) for index in range(6)]


@pytest.mark.parametrize(
    ("fps", "wanted"), [(15, [12, 14, 16, 18]), (60, [12, 12, 13, 13]), (10, [12, 15, 18, 21]), (24, [12, 13, 14, 15])]
)
def test_another_rate_drops_or_repeats_evenly(films: Films, fps: int, wanted: list[int]) -> None:
    """Halved, doubled, divided by three: the frames of the right moments, none of them by turns."""
    assert numbers(examine(films.numbered(60)), 4, 0.4, Fraction(fps)) == wanted


def test_a_varying_rate_shows_what_was_on_the_screen(films: Films) -> None:
    """Between two far frames the earlier one stays, also when the start lies between them."""
    source = examine(films.write("gaps.mp4", numbered(5), times=[0, 100, 200, 1200, 1300]))
    assert numbers(source, 6, 0.0, Fraction(10)) == [0, 1, 2, 2, 2, 2]
    assert numbers(source, 4, 1.0, Fraction(10)) == [2, 2, 3, 4]


def test_one_frame_lasts_as_long_as_asked(films: Films) -> None:
    """A film of a single frame is held, as a still is."""
    assert numbers(examine(films.numbered(1)), 7) == [0] * 7


def test_an_hour_is_not_decoded_from_its_beginning(films: Films) -> None:
    """The minute before the end comes at once; reading 3,300 seconds of frames would take far longer than decoding its last ones."""
    source = examine(films.made("hour.mp4", "nullsrc=s=16x16:r=1:d=3600,geq=lum=floor(N/60)*4:cb=128:cr=128", "-g", "20"))
    assert source.seconds == 3600
    graph = picture(source, (16, 16), Fraction(1), frames=4, start=3300)
    shown = drawn(graph, (16, 16))
    assert len(shown) == 4 and abs(float(shown.mean()) - (220 - 16) * 255 / 219) < 3
    assert _input_options(graph)["ss"] == "3299.950000"


def _input_options(node: Any) -> dict[str, Any]:
    import ffmpeg

    arguments = ffmpeg.output(node, "x").get_args()
    return {arguments[i].lstrip("-"): arguments[i + 1] for i in range(0, arguments.index("-i"), 2)}


def _filters(node: Any) -> list[str]:
    import ffmpeg

    arguments = ffmpeg.output(node, "x").get_args()
    graph = arguments[arguments.index("-filter_complex") + 1]
    return [part.split("]")[1].split("=")[0].split("[")[0] for part in graph.split(";")]


def test_what_is_right_already_is_not_converted(films: Films) -> None:
    """A picture of the wanted size, rate and colours passes no filter that touches its pixels."""
    source = examine(films.numbered(60))
    assert _filters(picture(source, SMALL, FPS, frames=30)) == ["fps", "trim"]
    assert _filters(picture(source, SMALL, FPS, frames=60)) == ["fps", "tpad", "trim"]


def test_it_comes_upright(films: Films) -> None:
    """A picture that was filmed on its side stands up; red was at its left, so it is at its bottom after a turn to the left."""
    sides = [np.concatenate([np.full((48, 32, 3), RED, np.uint8), np.full((48, 32, 3), BLUE, np.uint8)], axis=1)] * 2
    shown = drawn(picture(examine(films.turned(films.write("sides.mp4", sides), 90)), (48, 64), FPS, frames=1), (48, 64))[0]
    assert near(shown[60, 24], RED, 12) and near(shown[4, 24], BLUE, 12)


def test_pixels_become_square(films: Films) -> None:
    """Stored half as wide, seen in full width: no bars in a frame of the seen shape."""
    source = examine(films.write("anamorphic.mp4", plain(GREEN, 2), sample_aspect_ratio=Fraction(2)))
    shown = drawn(picture(source, (128, 48), FPS, frames=1), (128, 48))[0]
    assert near(shown[24, 1], GREEN, 8) and near(shown[24, 126], GREEN, 8)


def test_odd_sizes_fit_even_frames(films: Films) -> None:
    """4:4:4 of 63 x 47 pixels fills a frame of 64 x 48."""
    source = examine(films.write("odd.mkv", plain(BLUE, 2, (63, 47)), pixels="yuv444p"))
    shown = drawn(picture(source, (64, 48), FPS, frames=2), (64, 48))
    assert shown.shape == (2, 48, 64, 3) and near(shown[1, 1, 1], BLUE, 8)


@pytest.mark.parametrize("fit", ["contain", "cover", "blur", "stretch"])
def test_each_way_of_fitting(films: Films, fit: str) -> None:
    """A landscape in a portrait frame: bars, cropped sides, a dimmed blur, or squeezed; its middle is always itself."""
    thirds = np.concatenate(
        [np.full((48, 16, 3), GREEN, np.uint8), np.full((48, 32, 3), RED, np.uint8), np.full((48, 16, 3), GREEN, np.uint8)], axis=1
    )
    size = (48, 96)
    shown = drawn(picture(examine(films.write("thirds.mp4", [thirds] * 2)), size, FPS, frames=1, fit=fit, behind=BLUE), size)[0].astype(int)  # type: ignore[arg-type]
    assert near(shown[48, 24], RED, 8)
    top, side = shown[4, 24], shown[48, 2]
    expected = {"contain": (BLUE, GREEN), "cover": (RED, RED), "stretch": (RED, GREEN)}
    if fit in expected:
        assert near(top, expected[fit][0], 8) and near(side, expected[fit][1], 8)
    else:
        assert 90 < top[0] < 220 and max(top[1:]) < 60 and near(side, GREEN, 8)


@pytest.mark.parametrize(("marks", "name"), [({"colorspace": 6}, "bt601"), ({"color_range": 2}, "full"), ({"colorspace": 2}, "unmarked")])
def test_other_colours_look_the_same(films: Films, marks: dict[str, int], name: str) -> None:
    """BT.601, full range and unmarked SD come out as the red that went in."""
    shown = drawn(picture(examine(_yuv_red(films, name, marks)), SMALL, FPS, frames=1), SMALL)[0]
    assert near(shown[20, 30], RED, 8)


def _yuv_red(films: Films, name: str, marks: dict[str, int]) -> Path:
    """Red by ffmpeg's own conversion into the marked colours."""
    matrix, limits = ("bt709", "pc") if "color_range" in marks else ("smpte170m", "tv")
    graph = f"color=red:s=64x48:r=30:d=0.1,format=rgb24,scale=out_color_matrix={matrix}:out_range={limits},format=yuv420p"
    told = f",setparams=colorspace={'unknown' if name == 'unmarked' else matrix}:range={limits}"
    return films.made(f"red-{name}.mkv", graph + told)


def test_hdr_is_tone_mapped(films: Films) -> None:
    """Paper white (203 nits of PQ) comes out light but not clipped, black stays black, and a highlight is lighter than white."""
    shades = [_pq(nits) for nits in (0.005, 203, 1000)]
    frame = np.concatenate([np.full((48, 24, 3), round(shade * 255), np.uint8) for shade in shades], axis=1)
    marks: Any = {"colorspace": 9, "color_primaries": 9, "color_trc": 16}
    source = examine(films.write("pq.mp4", [frame] * 2, codec="libx265", pixels="yuv420p10le", **marks))
    black, white, highlight = (int(drawn(picture(source, (72, 48), FPS, frames=1), (72, 48))[0][24, x].mean()) for x in (12, 36, 60))
    assert source.seen.hdr == "pq" and black < 12 and 190 < white < 235 and highlight > white + 12


def _pq(nits: float) -> float:
    """SMPTE ST 2084: the signal of a brightness."""
    powered = (nits / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * powered) / (1 + 18.6875 * powered)) ** 78.84375)


def test_transparency_is_kept_or_laid_on_a_colour(films: Films, tmp_path: Path) -> None:
    """Half-transparent red: alpha 128 if asked for, else mixed with the colour behind it, as film and as still."""
    clear = np.full((48, 64, 4), (255, 0, 0, 128), np.uint8)
    film = examine(films.write("half.webm", [clear] * 2, codec="libvpx-vp9", pixels="yuva420p"))
    Image.fromarray(clear).save(tmp_path / "half.png")
    for source in (film, examine(tmp_path / "half.png", tmp_path)):
        kept = drawn(picture(source, SMALL, FPS, frames=2, alpha=True), SMALL, alpha=True)
        mixed = drawn(picture(source, SMALL, FPS, frames=2, behind=BLUE), SMALL)
        assert kept.shape[0] == mixed.shape[0] == 2
        assert near(kept[1, 24, 30, :3], RED, 10) and abs(int(kept[1, 24, 30, 3]) - 128) <= 3
        assert near(mixed[1, 24, 30], (127, 0, 127), 10)


def test_a_still_stands_upright_as_long_as_asked(tmp_path: Path) -> None:
    """EXIF rotation is honoured, and every frame is the same."""
    image = Image.new("RGB", (64, 48), GREEN)
    image.paste(RED, (0, 0, 32, 48))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    image.save(tmp_path / "photo.jpg", quality=98, exif=exif)
    source = examine(tmp_path / "photo.jpg", tmp_path)
    shown = drawn(picture(source, (48, 64), FPS, frames=5), (48, 64))
    assert source.seen.size == (48, 64) and len(shown) == 5
    assert near(shown[4, 4, 24], RED, 10) and near(shown[4, 60, 24], GREEN, 10)


def test_a_plain_ground_has_its_colour(films: Films) -> None:
    """The colour that was asked for, and its transparency."""
    assert near(drawn(ground(RED, SMALL, FPS, 2), SMALL)[1, 5, 5], RED, 4)
    clear = drawn(ground(BLUE, SMALL, FPS, 1, opacity=0.5, alpha=True), SMALL, alpha=True)[0, 5, 5]
    assert near(clear[:3], BLUE, 4) and abs(int(clear[3]) - 128) <= 2


@pytest.mark.parametrize("size", [(63, 48), (0, 2), (9000, 2)])
def test_a_frame_that_cannot_be_is_refused(films: Films, size: tuple[int, int]) -> None:
    """Odd, empty and absurd sides."""
    with pytest.raises(InvalidInput, match="cannot be made"):
        picture(examine(films.numbered(60)), size, FPS, frames=1)


def test_a_looped_film_begins_again(films: Films) -> None:
    """At its end the first frame follows the last."""
    assert numbers(examine(films.numbered(5)), 12, loop=True) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]


def test_mono_keeps_its_level_and_surround_does_not_clip(films: Films) -> None:
    """One channel is heard from both sides as loud as it was; six together are mixed down below full scale."""
    mono = films.numbered(30, sound=tone(440, 1.0, 0.5, channels=1), layout="mono")
    loud = films.write("surround.mkv", numbered(30), sound=tone(440, 1.0, 0.9, channels=6), layout="5.1", sound_codec="flac")
    one, six = heard(sound(examine(mono), RATE)), heard(sound(examine(loud), RATE))
    assert one.shape == six.shape == (2, RATE)
    assert level(one, 0.1, 0.9) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    assert 0.5 < np.abs(six).max() <= 1.0


def test_silence_where_there_is_no_sound(films: Films) -> None:
    """A silent film gives as many samples of silence as asked, and a short sound is silent after its end."""
    assert not heard(sound(examine(films.numbered(60)), 12_345)).any()
    short = heard(sound(examine(films.numbered(30, sound=tone(440, 0.5))), RATE))
    assert short.shape == (2, RATE) and level(short, 0.1, 0.4) > 0.1 and level(short, 0.6) < 1e-4
    assert heard(silence(100)).shape == (2, 100)


def test_sound_and_picture_stay_together(films: Films) -> None:
    """A click under frame 45 is under it still: from the beginning, after a seek, and when the sound begins late."""
    click = np.zeros((2, 2 * RATE), np.float32)
    click[:, int(1.5 * RATE) : int(1.5 * RATE) + 480] = 0.8
    whole = examine(films.write("click.mp4", numbered(60), sound=click))
    late = examine(films.write("late.mkv", numbered(60), sound=click[:, RATE:], delay=1.0))
    for source, start in ((whole, 0.0), (whole, 0.7), (whole, 1.4), (late, 0.0), (late, 0.7)):
        samples = heard(sound(source, RATE, start=start)) if start else heard(sound(source, 2 * RATE))
        at = int(np.argmax(np.abs(samples[0]) > 0.3)) / RATE
        assert at == pytest.approx(1.5 - start, abs=0.008), (source.name, start)


def test_another_sample_rate_keeps_its_pitch(films: Films) -> None:
    """44.1 kHz become 48 kHz, exactly as many samples as asked."""
    source = examine(films.write("cd.mp4", numbered(30), sound=tone(1000, 1.0, rate=44_100), sound_rate=44_100))
    samples = heard(sound(source, RATE))
    assert samples.shape == (2, RATE) and strength(samples, 1000, 0.1, 0.9) == pytest.approx(0.25, rel=0.05)


def test_frames_and_samples_agree() -> None:
    """Lengths in frames and in samples come from one rounding."""
    ntsc = Fraction(30000, 1001)
    assert (frames_in(2, FPS), frames_in(0.0001, FPS), frames_in(10, ntsc)) == (60, 1, 300)
    assert samples_in(30, ntsc) == 48_048


H264 = ("-c:v", "libx264", "-qp", "0", "-bf", "3", "-g", "25")
CONTAINERS = {
    "reordered.mp4": (*H264, "-c:a", "aac"),
    "fragmented.mp4": (*H264, "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
    "stream.ts": (*H264, "-c:a", "mp2"),
    "flash.flv": (*H264, "-c:a", "aac"),
    "old.avi": (*H264, "-c:a", "pcm_s16le"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-lossless", "1", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_frames(films: Films, name: str) -> None:
    """With reordered frames, padding, no index or no time stamps: the first frame is second 0, and the click stays under its frame."""
    click = np.zeros((2, 2 * RATE), np.float32)
    click[:, int(1.5 * RATE) : int(1.5 * RATE) + 480] = 0.8
    source = examine(films.recoded(films.write("click.mkv", numbered(60), sound=click, sound_codec="flac"), name, *CONTAINERS[name]))
    assert (source.seen.frames, source.seen.fps, source.seen.constant) == (60, Fraction(30), True)
    assert numbers(source, 4) == [0, 1, 2, 3] and numbers(source, 4, 1.3) == [39, 40, 41, 42]
    samples = heard(sound(source, RATE, start=1.3))
    assert int(np.argmax(np.abs(samples[0]) > 0.3)) / RATE == pytest.approx(0.2, abs=0.012)
