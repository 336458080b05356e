"""Picture files of every form, as detectors see them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from core.errors import MediaUnreadable
from pipelines.vision.loading import as_jpeg, frames, is_picture, load, readable

FORMS = ("jpg", "png", "webp", "tif", "avif", "heic")
UPRIGHT = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}  # where the corner goes: right, below


@pytest.fixture(scope="module", autouse=True)
def heif() -> None:
    readable()


def cornered() -> Image.Image:
    """Red, with a blue corner above left; wider than high."""
    image = Image.new("RGB", (60, 40), "red")
    image.paste("blue", (0, 0, 30, 20))
    return image


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(tmp_path: Path, form: str, orientation: int) -> None:
    """The corner is where a viewer would show it, and sides change places for the tags that lie on their side."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    cornered().save(tmp_path / f"a.{form}", exif=exif if form == "tif" else exif.tobytes())
    found = load(tmp_path / f"a.{form}")
    assert found.rgb.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    assert (found.facts["width"], found.facts["height"]) == found.rgb.shape[1::-1]
    rows, columns = np.nonzero((found.rgb[..., 2] > 150) & (found.rgb[..., 0] < 100))
    assert (round(columns.mean() / found.rgb.shape[1]), round(rows.mean() / found.rgb.shape[0])) == UPRIGHT[orientation]


@pytest.mark.parametrize("form", ["png", "webp", "tif", "avif", "heic"])
def test_transparency_is_seen_on_white_and_kept_apart(tmp_path: Path, form: str) -> None:
    """What hides under transparent pixels is not looked at."""
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 16, 32))
    image.save(tmp_path / f"a.{form}")
    found = load(tmp_path / f"a.{form}")
    assert found.alpha is not None and found.facts["transparent"]
    assert found.alpha[10, 4] > 240 and found.alpha[10, 28] < 10
    assert found.rgb[10, 28].min() > 240 and found.rgb[10, 4][0] > 180


def test_a_palette_with_one_transparent_colour_has_alpha(tmp_path: Path) -> None:
    """As GIFs and small PNGs have."""
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (4, 0, 8, 8))
    image.save(tmp_path / "a.png", transparency=1)
    found = load(tmp_path / "a.png")
    assert found.alpha is not None and found.alpha[0].tolist() == [255] * 4 + [0] * 4


@pytest.mark.parametrize("form", ["png", "tif"])
def test_sixteen_bit_grey_keeps_its_range(tmp_path: Path, form: str) -> None:
    """From black to white over the full range, not cut off at 255."""
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, 0)
    Image.fromarray(ramp).save(tmp_path / f"a.{form}")
    found = load(tmp_path / f"a.{form}")
    assert found.facts["bits"] == 16 and found.rgb[0, ::51, 0].tolist() == [0, 51, 102, 153, 204, 255]


def test_sixteen_bit_colour_is_told(tmp_path: Path) -> None:
    """A PNG of three channels with sixteen bits each."""
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((6, 6, 3), (65535, 0, 32768), np.uint16))
    found = load(tmp_path / "a.png")
    assert found.facts["bits"] == 16 and found.rgb[0, 0].tolist() == [128, 0, 255]


def test_cmyk_becomes_the_colours_that_were_meant(tmp_path: Path) -> None:
    """Without a profile by complement, as JPEG and as TIFF."""
    for form in ("jpg", "tif"):
        cornered().convert("CMYK").save(tmp_path / f"a.{form}")
        found = load(tmp_path / f"a.{form}")
        assert found.facts["mode"] == "CMYK"
        assert found.rgb[35, 55].tolist() == pytest.approx([255, 0, 0], abs=12) and found.rgb[5, 5].tolist() == pytest.approx(
            [0, 0, 255], abs=12
        )


def test_an_embedded_profile_is_applied(tmp_path: Path) -> None:
    """Numbers of a Lab picture are brought to sRGB; a profile that is rubbish is passed over."""
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (8, 8), (200, 60, 40)), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab
    lab.save(tmp_path / "a.tif")
    assert load(tmp_path / "a.tif").rgb[0, 0].tolist() == pytest.approx([200, 60, 40], abs=3)
    Image.new("RGB", (8, 8), (9, 90, 200)).save(tmp_path / "b.png", icc_profile=b"rubbish")
    assert load(tmp_path / "b.png").rgb[0, 0].tolist() == [9, 90, 200]


@pytest.mark.parametrize("form", ["gif", "webp", "png", "avif", "tif"])
def test_moving_pictures_and_pages_are_taken_one_by_one(tmp_path: Path, form: str) -> None:
    """All frames in order, any by its number, and none beyond the last."""
    made = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    made[0].save(tmp_path / f"a.{form}", save_all=True, append_images=made[1:], duration=200)
    assert [int(picture.rgb[8, 8].argmax()) for picture in frames(tmp_path / f"a.{form}")] == [0, 1, 2]
    last = load(tmp_path / f"a.{form}", 2)
    assert last.facts["frames"] == 3 and last.rgb[8, 8, 2] > 240
    assert last.facts["frame_seconds"] == (None if form == "tif" else 0.2)
    with pytest.raises(MediaUnreadable, match="no frame 3"):
        load(tmp_path / f"a.{form}", 3)


@pytest.mark.parametrize("form", [*FORMS, "gif", "bmp"])
def test_a_cut_off_file_is_unreadable(tmp_path: Path, form: str) -> None:
    """Half of a picture is no picture."""
    noise = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / f"whole.{form}")
    whole = (tmp_path / f"whole.{form}").read_bytes()
    (tmp_path / f"a.{form}").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaUnreadable):
        load(tmp_path / f"a.{form}")


@pytest.mark.parametrize(
    "content", [b"", b"just some text", b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n", b"\x89PNG\r\n\x1a\n" + bytes(60)]
)
def test_what_is_no_picture_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """Nothing, text, a program for a printer, a PNG by its first bytes alone."""
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(MediaUnreadable):
        load(tmp_path / "a.png")


@pytest.mark.parametrize("side", [8_000, 60_000])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, side: int) -> None:
    """A PNG of a few bytes that claims millions of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )
    with pytest.raises(MediaUnreadable, match="pixels"):
        load(tmp_path / "a.png")
    assert is_picture(tmp_path / "a.png")


def test_a_bomb_of_many_frames_is_refused(tmp_path: Path) -> None:
    """Each frame is small, and there are more of them than anybody looks at."""
    made = [Image.new("RGB", (4, 4), (number % 256, number // 256, 9)) for number in range(1001)]
    made[0].save(tmp_path / "a.gif", save_all=True, append_images=made[1:], duration=20)
    with pytest.raises(MediaUnreadable, match="1001 frames"):
        load(tmp_path / "a.gif")


def test_a_film_is_no_picture(tmp_path: Path) -> None:
    """By its content, whatever it is called."""
    (tmp_path / "a.png").write_bytes(b"\x00\x00\x00\x18ftypisom" + bytes(64))
    assert not is_picture(tmp_path / "a.png")


def test_a_jpeg_of_at_most_so_many_bytes(tmp_path: Path) -> None:
    """What does not fit is made smaller until it does."""
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    packed = as_jpeg(tmp_path / "a.png", 30_000)
    with Image.open(io.BytesIO(packed)) as image:
        assert len(packed) <= 30_000 and image.format == "JPEG" and 50 < image.width < 300
