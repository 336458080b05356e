"""`vision.image`: any picture file as upright PNG."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import MediaUnreadable
from pipelines.vision.image import recipe
from tests.pipelines.vision.conftest import Look, photo


def test_a_photo_comes_upright_small_and_without_its_metadata(look: Look, tmp_path: Path) -> None:
    """Turned by its tag, reduced as asked, and nobody learns where it was taken."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    Image.open(photo("bus")).save(tmp_path / "a.jpg", exif=exif)
    made = look(recipe, tmp_path / "a.jpg", longest_side=200)
    with Image.open(made.products[0].path) as image:
        assert image.format == "PNG" and image.size == (200, 150)
        assert not image.getexif() and not image.info
    facts = made.facts["images"][0]
    assert (facts["width"], facts["height"], facts["orientation"], facts["format"]) == (1080, 810, 6, "JPEG")


def test_frames_and_pages_are_taken_as_many_as_asked(look: Look, tmp_path: Path) -> None:
    """One product a frame, numbered; the document tells them all, in the order of the sources."""
    pictures = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=100)
    pictures[2].save(tmp_path / "b.bmp")
    made = look(recipe, tmp_path / "a.gif", tmp_path / "b.bmp", frames=2)
    assert [product.name for product in made.products] == ["image-1-1.png", "image-1-2.png", "image-2-1.png", "image.json"]
    told = json.loads(made.products[-1].path.read_text())["images"]
    assert [(facts["frame"], facts["format"], facts["frames"]) for facts in told] == [(0, "GIF", 3), (1, "GIF", 3), (0, "BMP", 1)]


def test_transparency_is_kept(look: Look, tmp_path: Path) -> None:
    """The PNG has the alpha that the file had."""
    Image.new("RGBA", (8, 8), (10, 200, 30, 77)).save(tmp_path / "a.webp", lossless=True)
    made = look(recipe, tmp_path / "a.webp")
    with Image.open(made.products[0].path) as image:
        assert np.asarray(image)[4, 4].tolist() == [10, 200, 30, 77]


def test_a_broken_picture_fails_and_leaves_no_file(look: Look, tmp_path: Path) -> None:
    """With what is wrong with it."""
    (tmp_path / "a.jpg").write_bytes(photo("bus").read_bytes()[:5000])
    with pytest.raises(MediaUnreadable) as refused:
        look(recipe, tmp_path / "a.jpg")
    assert refused.value.errors[0]["pointer"] == "/params/sources/0"
    assert not list(tmp_path.glob("*/image-*"))
