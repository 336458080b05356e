"""X's rules, known before any call."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.contracts.social import Media
from providers.x_rules import faults
from tests.providers import media


def picture(tmp_path: Path, name: str = "a.png", alt_text: str = "") -> Media:
    path = tmp_path / name
    path.write_bytes(media.image())
    return Media(path, "image/png", alt_text)


@pytest.mark.parametrize(
    "text", ["Hello", "x" * 280, "日" * 140, "👩‍👩‍👧‍👦" * 140, "https://example.com/" + "x" * 400, "One $TSLA only, and $5 off"]
)
def test_texts_within_the_weight_pass(text: str) -> None:
    """Links count 23, an emoji of any length 2."""
    assert faults(text, []) == []


@pytest.mark.parametrize("text", ["x" * 281, "日" * 141, "👍" * 141])
def test_texts_over_the_weight_are_told(text: str) -> None:
    """With the weight they have."""
    [fault] = faults(text, [])
    assert fault.pointer == "/text"
    assert "of 280" in fault.detail


def test_an_empty_post_needs_media(tmp_path: Path) -> None:
    """Text or media, one of the two."""
    assert faults("  ", [])[0].pointer == "/text"
    assert faults("", [picture(tmp_path)]) == []


def test_two_cashtags_are_told() -> None:
    """X allows one."""
    assert "cashtag" in faults("Buy $TSLA and $AAPL", [])[0].detail


def test_five_images_are_too_many(tmp_path: Path) -> None:
    """Four at most."""
    assert [f.pointer for f in faults("Hi", [picture(tmp_path)] * 5)] == ["/media"]
    assert faults("Hi", [picture(tmp_path)] * 4) == []


def test_a_video_goes_alone(tmp_path: Path) -> None:
    """Not beside an image."""
    film = Media(media.video(tmp_path / "film.mp4"), "video/mp4")
    assert faults("Hi", [film]) == []
    assert [f.pointer for f in faults("Hi", [film, picture(tmp_path)])] == ["/media"]


def test_a_video_of_a_wrong_shape_or_length_is_told(tmp_path: Path) -> None:
    """Too wide for its height, too large, too short."""
    wide = Media(media.video(tmp_path / "wide.mp4", size=(400, 100)), "video/mp4")
    large = Media(media.video(tmp_path / "large.mp4", size=(1080, 1920)), "video/mp4")
    short = Media(media.video(tmp_path / "short.mp4", seconds=0.3), "video/mp4")
    assert [len(faults("Hi", [m])) for m in (wide, large, short)] == [1, 1, 1]


def test_a_gif_with_too_many_frames_is_told(tmp_path: Path) -> None:
    """350 at most."""
    path = tmp_path / "a.gif"
    path.write_bytes(media.gif(360))
    assert "360 frame(s)" in faults("Hi", [Media(path, "image/gif")])[0].detail


def test_a_large_image_is_told(tmp_path: Path) -> None:
    """5 MB at most."""
    path = tmp_path / "a.png"
    path.write_bytes(media.image() + bytes(6 * 1024 * 1024))
    assert "of 5 MB" in faults("Hi", [Media(path, "image/png")])[0].detail


def test_wrong_broken_and_unknown_files_are_told(tmp_path: Path) -> None:
    """Each with its own place."""
    (tmp_path / "broken.png").write_bytes(media.image()[:60])
    found = faults(
        "Hi",
        [Media(picture(tmp_path).path, "image/jpeg"), Media(tmp_path / "broken.png", "image/png"), Media(tmp_path / "a.png", "image/tiff")],
    )
    assert {f.pointer for f in found} >= {"/media/0", "/media/1", "/media/2"}


def test_a_long_alt_text_is_told(tmp_path: Path) -> None:
    """1,000 characters at most."""
    assert "1001 of 1000" in faults("Hi", [picture(tmp_path, alt_text="x" * 1001)])[0].detail
