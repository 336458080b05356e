from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import MediaUnreadable
from pipelines.video.advert import Advert, render
from pipelines.video.probe import probe


def test_sound_alone_has_no_picture(tone: Callable[..., Path]) -> None:
    """A voice file is read as sound of the right length."""
    facts = probe(tone(1.5))
    assert facts.video is None and facts.audio is not None
    assert facts.audio.seconds == pytest.approx(1.5, abs=0.01)
    assert (facts.audio.sample_rate, facts.audio.channels) == (24_000, 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "0 bytes"),
        (b"just some words\n" * 50, "not a video"),
        (b"#EXTM3U\n#EXTINF:5,\n/etc/hostname\n", "not a video"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 500, "not a video"),
    ],
)
def test_what_is_not_media_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    """Empty files, text, playlists and pictures renamed .mp4 each get a clear error."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=told):
        probe(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(MediaUnreadable, match=r"no file gone\.mp4"):
        probe(tmp_path / "gone.mp4")


@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_video_is_told(advert: Callable[..., Advert], tmp_path: Path, share: float) -> None:
    """Cut in its index, in the middle or near the end, a video is never taken for whole."""
    render(advert(), tmp_path / "whole.mp4")
    content = (tmp_path / "whole.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(MediaUnreadable, match=r"cut\.mp4"):
        probe(cut)
