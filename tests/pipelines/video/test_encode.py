"""`video.encode`: what was asked is what is in the file."""

from __future__ import annotations

import subprocess
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pydantic import ValidationError

from core.errors import Cancelled, InvalidInput, MediaUnreadable
from pipelines.video import ffmpeg, loudness
from pipelines.video.coding import Coding
from pipelines.video.encode import EncodeParams, recipe
from pipelines.video.inputs import examine, samples_in, sound
from pipelines.video.platforms import PLATFORMS, PlatformName, affordable_bitrate, nearest_size
from pipelines.video.probe import probe
from pipelines.video.process import standalone
from tests.pipelines.video.films import Cook, Films, Pixels, number_of, tone

FAST = {"preset": "ultrafast"}


def textured(count: int, size: tuple[int, int] = (320, 180)) -> list[Pixels]:
    """A fine pattern that moves, so that coding costs quality."""
    noise = np.random.default_rng(3).integers(0, 255, (size[1], size[0] * 2, 3), dtype=np.uint8)
    return [np.ascontiguousarray(noise[:, 3 * number : 3 * number + size[0]]) for number in range(count)]


@pytest.fixture
def clip(films: Films) -> Path:
    return films.numbered(45, sound=tone(440, 1.5, level=0.05))


@pytest.mark.parametrize(
    ("coding", "codec", "sound_codec"),
    [
        ({}, "h264", "aac"),
        ({"codec": "h265"}, "hevc", "aac"),
        ({"codec": "vp9", "container": "webm"}, "vp9", "opus"),
        ({"codec": "av1"}, "av1", "aac"),
        ({"codec": "prores", "container": "mov", "audio_codec": "pcm"}, "prores", "pcm_s16le"),
        ({"container": "mkv", "audio_codec": "flac", "pixel_format": "yuv420p10le"}, "h264", "flac"),
    ],
)
def test_codecs_and_containers(cook: Cook, clip: Path, coding: dict[str, Any], codec: str, sound_codec: str) -> None:
    """Each codec comes out as itself with every frame in its order, and the sound as long as the picture."""
    cooked = cook(recipe, {"a": clip}, file="@a", coding={**FAST, **coding})
    facts = probe(cooked.path)
    assert facts.video and facts.audio
    assert (facts.video.codec, facts.audio.codec, facts.video.frames) == (codec, sound_codec, 45)
    assert abs(facts.audio.seconds - facts.video.seconds) < 1 / 30
    seen = [number_of(frame) for frame in cooked.frames()[::9]]
    assert all(abs(number - expected) <= 1 for number, expected in zip(seen, range(0, 45, 9), strict=True))


def test_the_picture_is_marked_closed_and_ready_to_stream(cook: Cook, clip: Path) -> None:
    """BT.709 limited range, a key frame every two seconds and no more, the index in front."""
    cooked = cook(recipe, {"a": clip}, file="@a")
    with av.open(str(cooked.path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert [packet.is_keyframe for packet in container.demux(container.streams.video[0]) if packet.size].count(True) == 1
    head = cooked.path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")


def test_size_rate_and_fit(cook: Cook, clip: Path) -> None:
    """A 4:3 film in a square at 60 frames a second: bars where it does not reach, twice the frames."""
    cooked = cook(recipe, {"a": clip}, file="@a", width=64, height=64, fps=60, coding=FAST)
    frames = cooked.frames()
    assert frames.shape == (90, 64, 64, 3)
    assert frames[80, 2].mean() < 4 and frames[80, 32].mean() > 60


@pytest.mark.parametrize(("codec", "container"), [("h264", "mp4"), ("h265", "mp4"), ("vp9", "webm")])
def test_two_passes_come_near_the_bitrate(cook: Cook, films: Films, codec: str, container: str) -> None:
    """Within a fifth of the kilobits a second that were asked for, and the notes of the first pass are gone."""
    noisy = films.write("noisy.mp4", textured(60))
    coding = {"codec": codec, "container": container, "bitrate": 800, "two_pass": True, "preset": "veryfast"}
    cooked = cook(recipe, {"a": noisy}, file="@a", coding=coding)
    assert abs(cooked.path.stat().st_size * 8 / 1000 / 2 - 800) < 160
    assert [path.name for path in cooked.path.parent.iterdir()] == [cooked.path.name]


def test_a_floor_of_quality_takes_the_smallest_file_that_reaches_it(cook: Cook, films: Films) -> None:
    """The crf found reaches the floor on the samples, and the next one, if tried, does not."""
    noisy = films.write("noisy.mp4", textured(60))
    cooked = cook(recipe, {"a": noisy}, file="@a", vmaf=85, coding=FAST)
    found = cooked.facts["vmaf"]
    tried = dict(map(tuple, found["tried"]))
    assert found["samples"] >= 85 and tried[found["crf"]] >= 85
    assert all(score < 85 for crf, score in tried.items() if crf > found["crf"])


def test_loudness_comes_to_its_target(cook: Cook, clip: Path) -> None:
    """A quiet tone at -16 LUFS after, within half a unit; the dynamics are those of the original."""
    cooked = cook(recipe, {"a": clip}, file="@a", loudness=-16, coding=FAST)
    source = examine(cooked.path)
    level = loudness.measured(sound(source, samples_in(45, source.seen.fps)), standalone())
    assert abs(level.integrated + 16) < 0.5
    assert cooked.facts["loudness"]["limited"] is False


def test_peaks_are_held_where_a_gain_would_lift_them_over(cook: Cook, films: Films) -> None:
    """A quiet tone with short loud bursts: the target is reached and no true peak is above -1 dBTP."""
    wave = tone(440, 4, level=0.1)
    wave[:, np.arange(wave.shape[1]) % 48_000 < 240] *= 9
    bursts = films.colour((40, 40, 40), 4.0, sound=wave)
    cooked = cook(recipe, {"a": bursts}, file="@a", loudness=-14, coding=FAST)
    source = examine(cooked.path)
    level = loudness.measured(sound(source, samples_in(120, source.seen.fps)), standalone())
    assert cooked.facts["loudness"]["limited"] and level.peak < -0.9
    assert abs(level.integrated + 14) < 1


def test_a_ladder_plays_in_every_size(cook: Cook, films: Films) -> None:
    """Each playlist of the ZIP gives all frames in its size, and the sound is in a group of its own."""
    large = films.write("ladder.mp4", textured(60, (640, 360)), sound=tone(440, 2))
    cooked = cook(recipe, {"a": large}, file="@a", hls={"sides": [360, 180]}, coding=FAST)
    folder = cooked.path.parent / "unpacked"
    with zipfile.ZipFile(cooked.path) as archive:
        archive.extractall(folder)
    master = (folder / "master.m3u8").read_text()
    assert "RESOLUTION=640x360" in master and "RESOLUTION=320x180" in master and "TYPE=AUDIO" in master
    for rung in cooked.facts["rungs"]:
        with av.open(str(folder / rung["playlist"]), format="hls") as container:
            pictures = [(frame.width, frame.height) for frame in container.decode(video=0)]
        assert pictures == [(rung["width"], rung["height"])] * 60


@pytest.fixture
def wide(films: Films) -> Path:
    return films.colour((60, 80, 100), 3.0, fps=24, size=(160, 90), sound=tone(440, 3))


@pytest.mark.parametrize(("platform", "size"), [("tiktok", (1080, 1920)), ("x", (1280, 720))])
def test_a_platform_gets_what_it_takes(cook: Cook, wide: Path, platform: str, size: tuple[int, int]) -> None:
    """A wide film in the platform's size, codec and loudness."""
    cooked = cook(recipe, {"a": wide}, file="@a", platform=platform, fit="cover", coding=FAST)
    facts = probe(cooked.path)
    assert facts.video and facts.audio
    assert (facts.video.width, facts.video.height, facts.video.codec, facts.audio.codec) == (*size, "h264", "aac")
    assert cooked.facts["loudness"]["target"] == -14


def test_a_platform_refuses_what_is_too_long_or_in_another_codec(cook: Cook, wide: Path, clip: Path) -> None:
    """The fault says what the platform takes, and no file is left."""
    with pytest.raises(InvalidInput, match=r"TikTok takes 3 to 600 s; this lasts 1\.5 s"):
        cook(recipe, {"a": clip}, file="@a", platform="tiktok")
    with pytest.raises(InvalidInput, match="X takes h264; this is hevc"):
        cook(recipe, {"a": wide}, file="@a", platform="x", width=64, height=36, coding={**FAST, "codec": "h265"})
    assert [path for path in cook.folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("platform", "size", "expected"),
    [
        ("linkedin", (640, 360), (1920, 1080)),
        ("linkedin", (360, 640), (1080, 1920)),
        ("x", (500, 500), (720, 720)),
        ("reels", (640, 360), (1080, 1920)),
    ],
)
def test_a_platform_s_size_nearest_to_the_picture_is_taken(
    platform: PlatformName, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Upright stays upright where the platform takes both."""
    assert nearest_size(PLATFORMS[platform], size) == expected


def test_a_cap_keeps_long_films_inside_the_platform_s_size() -> None:
    """Fifteen minutes of a reel must stay below 300 MB: the bitrate goes down until they do."""
    kilobits = affordable_bitrate(PLATFORMS["reels"], 900, 192) + 192
    assert 0.9 < kilobits * 1000 / 8 * 900 / 300_000_000 < 1


def test_a_container_alone_means_its_usual_codec() -> None:
    """WebM without a codec is VP9 with Opus, not a file that cannot be."""
    assert Coding(container="webm").codec == "vp9" and Coding(container="mov").codec == "h264"


def test_a_picture_that_the_codec_cannot_hold_is_refused(cook: Cook, films: Films) -> None:
    """A file of a few pixels is told to be one, instead of an encoder's failure."""
    tiny = {"a": films.made("tiny.mp4", "testsrc2=s=8x8:r=30:d=0.2")}
    wanted: list[tuple[dict[str, Any], str]] = [
        ({"coding": {"codec": "h265"}}, "/params/width"),
        ({"coding": {}, "vmaf": 80}, "/params/vmaf"),
    ]
    for params, pointer in wanted:
        with pytest.raises(InvalidInput, match="pixels a side") as refused:
            cook(recipe, tiny, file="@a", **params)
        assert [fault["pointer"] for fault in refused.value.errors] == [pointer]


def test_nothing_is_lost_at_crf_0(cook: Cook, films: Films) -> None:
    """Every frame of an H.264 film coded so is the one that went in."""
    cooked = cook(recipe, {"a": films.numbered(12)}, file="@a", coding={**FAST, "crf": 0})
    assert [number_of(frame) for frame in cooked.frames()] == list(range(12))


def test_without_hardware_the_software_encoder_serves_and_says_so(cook: Cook, clip: Path) -> None:
    """On a machine without a hardware encoder `auto` is a note, not an error."""
    cooked = cook(recipe, {"a": clip}, file="@a", hardware="auto", coding=FAST)
    assert cooked.facts["encoder"] != "software" or "software encoder" in cooked.facts["notes"][0]


@pytest.mark.parametrize(
    ("params", "pointer", "words"),
    [
        ({"coding": {"container": "webm", "codec": "h264"}}, ("coding", "codec"), "webm"),
        ({"coding": {"codec": "prores", "container": "mov", "crf": 20}}, ("coding", "crf"), "no crf"),
        ({"coding": {"crf": 20, "bitrate": 500}}, ("coding",), "not both"),
        ({"coding": {"container": "webm", "codec": "vp9", "audio_codec": "aac"}}, ("coding", "audio_codec"), "opus"),
        ({"coding": {"codec": "av1", "bitrate": 500, "two_pass": True}}, ("coding",), "two passes"),
        ({"coding": {"codec": "av1", "bitrate": 500, "max_bitrate": 600}}, ("coding",), "bitrate or max_bitrate"),
        ({"coding": {"crf": 20}, "vmaf": 90}, ("vmaf",), "no crf"),
        ({"coding": {"codec": "vp9", "container": "webm"}, "hls": {}}, ("hls",), "h264"),
        ({"width": 101, "height": 100}, ("width",), "multiple of 2"),
    ],
)
def test_codings_that_cannot_be(params: dict[str, Any], pointer: tuple[str, ...], words: str) -> None:
    """Each is refused at its own place before anything is read."""
    with pytest.raises(ValidationError) as refused:
        EncodeParams.model_validate({"file": "00000000-0000-0000-0000-000000000000", **params})
    assert [error["loc"] for error in refused.value.errors()] == [pointer]
    assert words in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"these are words, not a film", None], ids=["zero bytes", "text", "truncated"])
def test_what_is_no_whole_video_is_refused(cook: Cook, films: Films, clip: Path, tmp_path: Path, content: bytes | None) -> None:
    """Named .mp4, and yet none: the file's place is told, and nothing is left behind."""
    path = tmp_path / "film.mp4"
    path.write_bytes(clip.read_bytes()[:-2000] if content is None else content)
    with pytest.raises(MediaUnreadable) as refused:
        cook(recipe, {"a": path}, file="@a")
    assert refused.value.errors[0]["pointer"] == "/params/file"
    assert not list(cook.folder.rglob("encoded*"))


def test_a_cancel_leaves_no_file(cook: Cook, films: Films) -> None:
    """In the middle of a slow encode: gone within two seconds, with all its files."""
    cancelled, film = threading.Event(), films.write("noisy.mp4", textured(60))
    threading.Timer(0.7, cancelled.set).start()
    started = time.monotonic()
    slow = {"codec": "av1", "preset": "veryslow"}
    with pytest.raises(Cancelled):
        cook(recipe, {"a": film}, standalone(cancelled), file="@a", width=1920, height=1080, coding=slow)
    assert time.monotonic() - started < 0.7 + 2
    assert [path for path in cook.folder.rglob("*") if path.is_file()] == []


def test_the_packaged_ffmpeg_has_what_encoding_needs() -> None:
    """Encoders and filters that a smaller build would leave out."""
    listed = "".join(
        subprocess.run([ffmpeg.binary(), "-hide_banner", flag], check=True, capture_output=True, text=True).stdout
        for flag in ("-encoders", "-filters")
    )
    assert all(
        f" {name} " in listed for name in ("libx264", "libx265", "libvpx-vp9", "libsvtav1", "prores_ks", "libopus", "libvmaf", "ebur128")
    )
