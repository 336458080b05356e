from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import MediaUnreadable
from pipelines.video.stills import cover, load

WHITE = (255, 255, 255)


@pytest.mark.parametrize(
    ("mode", "colour", "suffix", "seen"),
    [
        ("RGB", (10, 200, 30), "png", (10, 200, 30)),
        ("RGBA", (10, 200, 30, 0), "png", WHITE),
        ("LA", (0, 0), "png", WHITE),
        ("CMYK", (0, 0, 0, 255), "tif", (0, 0, 0)),
        ("P", 0, "gif", (0, 0, 0)),
        ("1", 1, "png", WHITE),
        ("I;16", 0x8080, "png", (128, 128, 128)),
    ],
)
def test_every_mode_becomes_the_colours_one_sees(
    tmp_path: Path, mode: str, colour: object, suffix: str, seen: tuple[int, int, int]
) -> None:
    """Alpha shows what is behind, CMYK and 16-bit keep their brightness, and the size is exactly the frame's."""
    path = tmp_path / f"image.{suffix}"
    Image.new(mode, (30, 20), colour).save(path)  # type: ignore[arg-type]
    made = cover(load(path), (64, 48), WHITE)
    assert (made.mode, made.size) == ("RGB", (64, 48))
    assert np.abs(np.asarray(made).astype(int) - seen).max() <= 2


def test_a_turned_photo_stands_upright(tmp_path: Path) -> None:
    """The EXIF orientation of a phone's photo is carried out."""
    image = Image.new("RGB", (40, 20), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    image.save(tmp_path / "photo.png", exif=exif)
    upright = load(tmp_path / "photo.png")
    assert upright.size == (20, 40)
    assert upright.getpixel((10, 2)) == (255, 0, 0)


def test_a_banner_is_shown_whole_in_a_portrait_frame(tmp_path: Path) -> None:
    """A picture of quite another shape is not cropped to a strip; its ends are still to be seen."""
    banner = Image.new("RGB", (900, 150), (90, 90, 90))
    banner.paste((255, 0, 0), (0, 0, 60, 150))
    banner.paste((0, 0, 255), (840, 0, 900, 150))
    made = cover(banner, (90, 160), WHITE)
    assert made.getpixel((2, 80)) == (255, 0, 0)
    assert made.getpixel((87, 80)) == (0, 0, 255)


@pytest.mark.parametrize(("content", "told"), [(b"", "0 bytes"), (b"no image", "cannot be read"), (None, "not there")])
def test_broken_images_are_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    """Empty, foreign and missing files are named with the reason."""
    path = tmp_path / "bad.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=told):
        load(path)


def test_a_truncated_image_is_told(picture: Path) -> None:
    """Half a PNG is not shown half grey."""
    picture.write_bytes(picture.read_bytes()[:5_000])
    with pytest.raises(MediaUnreadable, match="cannot be read"):
        load(picture)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # Pillow warns before we refuse
def test_an_absurdly_large_image_is_refused_unread(tmp_path: Path) -> None:
    """Dimensions are checked before any pixel is unpacked."""
    Image.new("1", (12_000, 11_000)).save(tmp_path / "huge.png")
    with pytest.raises(MediaUnreadable, match="12000 x 11000"):
        load(tmp_path / "huge.png")
