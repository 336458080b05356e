"""Films for channels that take no large pictures."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.errors import MediaUnreadable
from pipelines.video.ffmpeg import binary
from pipelines.video.fit import fit, fit_size
from pipelines.video.probe import probe


def film(path: Path, size: str) -> Path:
    sound = ["-f", "lavfi", "-i", "sine=frequency=300:duration=1"]
    picture = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=30:duration=1"]
    subprocess.run([binary(), "-loglevel", "error", *picture, *sound, "-pix_fmt", "yuv420p", str(path)], check=True)
    return path


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((1080, 1920), (720, 1280)), ((1920, 1080), (1280, 720)), ((640, 360), (640, 360)), ((3000, 3000), (1024, 1024))],
)
def test_keeps_shape_within_both_sides(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    """The longer side stays within the first limit, the shorter within the second; small films are left alone."""
    assert fit_size(*size, (1280, 1024)) == fitted


def test_scales_a_large_film_frame_for_frame(tmp_path: Path) -> None:
    """Picture smaller, frames and sound as they were."""
    source, target = film(tmp_path / "a.mp4", "540x960"), tmp_path / "b.mp4"
    assert fit(source, target, (320, 256))
    before, after = probe(source), probe(target)
    assert after.video and before.video and after.audio and before.audio
    assert (after.video.width, after.video.height) == (180, 320)
    assert after.video.frames == before.video.frames
    assert after.audio.seconds == pytest.approx(before.audio.seconds, abs=0.03)


def test_leaves_a_film_that_fits(tmp_path: Path) -> None:
    """Nothing is encoded that need not be."""
    assert not fit(film(tmp_path / "a.mp4", "320x180"), tmp_path / "b.mp4", (1280, 1024))
    assert not (tmp_path / "b.mp4").exists()


def test_refuses_what_is_no_film(tmp_path: Path) -> None:
    """A text renamed to .mp4 is told, and no file is left."""
    (tmp_path / "a.mp4").write_text("no film")
    with pytest.raises(MediaUnreadable):
        fit(tmp_path / "a.mp4", tmp_path / "b.mp4", (1280, 1024))
    assert not (tmp_path / "b.mp4").exists()
