"""What is found out about a stranger's file, and what is said about one that cannot be used."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import Cancelled, InvalidInput, MediaUnreadable
from pipelines.video.footage import examine
from tests.pipelines.video.films import Films, numbered, tone


def test_an_ordinary_film(films: Films) -> None:
    """Size, rate, frames and sound as they were written; its colours need no conversion."""
    source = examine(films.numbered(60, sound=tone(440, 2.0, channels=1), layout="mono"))
    seen, heard = source.seen, source.sound
    assert (seen.size, seen.fps, seen.constant, seen.frames, seen.seconds) == ((64, 48), Fraction(30), True, 60, 2.0)
    assert (seen.pixel_format, seen.bits, seen.alpha, seen.hdr, seen.interlaced, seen.marked) == ("yuv420p", 8, False, "", False, True)
    assert heard is not None and (heard.channels, heard.sample_rate, round(heard.seconds, 1)) == (1, 48_000, 2.0)


def test_a_turned_film_is_seen_upright(films: Films) -> None:
    """Rotation metadata turns both sizes."""
    seen = examine(films.turned(films.numbered(60), 90)).seen
    assert (seen.size, seen.stored, seen.rotation) == ((48, 64), (48, 64), 90)


def test_pixels_that_are_not_square(films: Films) -> None:
    """The size is the one that is seen, the stored one beside it."""
    seen = examine(films.write("wide.mp4", numbered(3), sample_aspect_ratio=Fraction(2))).seen
    assert (seen.size, seen.stored, seen.square) == ((128, 48), (64, 48), False)


def test_a_varying_rate_is_told(films: Films) -> None:
    """Each frame's own second is kept; the rate is that of its quicker parts."""
    seen = examine(films.write("vfr.mp4", numbered(6), times=[0, 40, 80, 500, 1500, 1600])).seen
    assert not seen.constant and seen.frames == 6
    assert [round(time, 3) for time in seen.times] == [0.0, 0.04, 0.08, 0.5, 1.5, 1.6]
    assert seen.fps == 25


def test_milliseconds_are_no_varying_rate(films: Films) -> None:
    """WebM rounds 29.97 to whole milliseconds; that is still a constant rate."""
    seen = examine(films.write("ntsc.mkv", numbered(40), fps=Fraction(30000, 1001))).seen
    assert seen.constant and abs(float(seen.fps) - 29.97) < 0.01


def test_depth_and_brightness(films: Films) -> None:
    """Ten bits and PQ are seen."""
    marks: dict[str, Any] = {"colorspace": 9, "color_primaries": 9, "color_trc": 16}
    seen = examine(films.write("hdr.mp4", numbered(3), codec="libx265", pixels="yuv420p10le", **marks)).seen
    assert (seen.bits, seen.hdr, seen.wide, seen.matrix) == (10, "pq", True, "bt2020nc")


def test_transparency_of_films_and_stills(films: Films, tmp_path: Path) -> None:
    """VP9 keeps its alpha beside the picture, PNG in it; a still has no length."""
    clear = [np.zeros((48, 64, 4), np.uint8)] * 2
    film = films.write("clear.webm", clear, codec="libvpx-vp9", pixels="yuva420p")
    Image.new("RGBA", (10, 20), (255, 0, 0, 90)).save(tmp_path / "logo.png")
    still = examine(tmp_path / "logo.png", tmp_path)
    assert examine(film).seen.alpha and still.seen.alpha
    assert (still.seen.still, still.seen.size, still.seconds) == (True, (10, 20), 0.0)
    with pytest.raises(MediaUnreadable, match="still picture"):
        examine(tmp_path / "logo.png")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "0 bytes"), (b"just some words\n" * 50, "not a video"), (b"\x89PNG\r\n\x1a\n" + b"x" * 90, "cannot be read")],
)
def test_what_is_no_media_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    """Empty, text renamed, a broken still: each its own words."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=told):
        examine(path, tmp_path)


@pytest.mark.parametrize("name", ["whole.mp4", "whole.mkv"])
@pytest.mark.parametrize("share", [0.02, 0.6])
def test_a_truncated_film_is_told(films: Films, tmp_path: Path, name: str, share: float) -> None:
    """A film that ends before its own index or length says is never taken for whole."""
    noise = np.random.default_rng(3).integers(0, 255, (100, 48, 64, 3), dtype=np.uint8)
    content = films.write(name, list(noise), fps=10).read_bytes()
    cut = tmp_path / f"cut-{name}"
    cut.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MediaUnreadable, match="cut-whole"):
        examine(cut)


def test_absurd_dimensions_are_refused(films: Films) -> None:
    """More pixels a side than anybody's screen has are not decoded."""
    with pytest.raises(InvalidInput, match=r"8200 x 16 pixels"):
        examine(films.write("long.mkv", numbered(1, (8200, 16)), codec="ffv1"))


def test_a_long_read_can_be_stopped(films: Films) -> None:
    """The watch is called while packets are read, and what it raises ends the read."""

    def refuse() -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled, match="enough"):
        examine(films.numbered(60), watch=refuse)
