"""Backgrounds taken away and replaced, in photos and films."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from core.errors import MediaUnreadable
from pipelines.recipe import Kitchen, Made
from pipelines.video.process import standalone
from pipelines.vision import backdrop
from pipelines.vision.backdrop import foreground
from pipelines.vision.background import BackgroundParams, make
from pipelines.vision.steadying import Steadied
from tests.pipelines.vision.conftest import overlap, photo

Cut = Callable[..., Made]
ASTRONAUT = [15, 10, 512, 512]  # the figure and the helmet it holds, by hand


@pytest.fixture
def cut(kitchen: Callable[..., Kitchen]) -> Cut:
    """`cut(path, …, mattes={path: matte}, param=value)` -> what becomes of these files."""

    def run(*paths: Path, mattes: dict[Path, Path | None] | None = None, **params: Any) -> Made:
        files = {uuid.uuid4(): path for path in paths}
        known = {name: (mattes or {})[path] for name, path in files.items() if path in (mattes or {})}
        sources = [name for name, path in files.items() if path.name != "behind.png"]
        if len(sources) < len(files):
            params["background"] = {"image": next(name for name in files if name not in sources)}
        asked = BackgroundParams.model_validate({"sources": sources, **params})
        return make(asked, dataclasses.replace(kitchen(files), run=standalone()), known)

    return run


def pixels(path: Path) -> np.ndarray[Any, Any]:
    with Image.open(path) as image:
        return np.asarray(image)


def test_a_person_is_cut_out(cut: Cut) -> None:
    """The astronaut's face and suit stay, flag and shuttle go, and the box is the figure's."""
    made = cut(photo("astronaut"), matte=True)
    cutout, matte = (pixels(made.products[number].path) for number in (0, 1))
    assert cutout.shape == (512, 512, 4) and (cutout[..., 3] == matte).all()
    assert matte[120, 225] > 250 and matte[400, 150] > 250 and matte[60, 430] < 5 and matte[60, 60] < 5
    facts = made.facts["sources"][0]
    assert overlap(facts["box"], ASTRONAUT) > 0.9 and 0.4 < facts["coverage"] < 0.65
    assert made.facts["model"] == "selfie" and made.facts["device"] == "cpu"


def test_people_who_are_small_in_the_picture_are_looked_at_closer(cut: Cut) -> None:
    """The two men before the bus, by the boxes of their bodies."""
    made = cut(photo("bus"), matte=True)
    matte = pixels(made.products[1].path) > 127
    men = matte[420:850, 50:345]
    assert 0.4 < men.mean() < 0.75 and matte.sum() < 1.1 * men.sum()


@pytest.mark.parametrize("name", ["brick", "gravel"])
def test_nobody_in_the_picture_is_an_empty_matte(cut: Cut, name: str) -> None:
    """A wall and a path: no foreground and no box."""
    facts = cut(photo(name)).facts["sources"][0]
    assert facts["box"] is None and facts["coverage"] < 0.02


def test_what_is_no_person_comes_with_a_word_of_caution(cut: Cut) -> None:
    """The model takes a cat for somebody: the facts and the file say that it is made for people, and what to use instead."""
    made = cut(photo("cat"))
    told = " ".join(made.facts["notes"])
    assert all(word in told for word in ("people", "isnet", "remove.bg"))
    assert json.loads(made.products[-1].path.read_text())["notes"] == made.facts["notes"]


def test_reduced_colours_match_those_of_the_whole_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A soft edge in a picture four times as large as the blurred colours: nearly what the large picture gives, the covered as it was."""
    matte = np.clip((np.arange(2048, dtype=np.float32) - 1000) / 64, 0, 1)[None].repeat(64, 0)
    mixed = np.rint(matte[..., None] * (200, 0, 0) + (1 - matte[..., None]) * (0, 200, 0)).astype(np.uint8)
    found = foreground(mixed, matte)
    monkeypatch.setattr(backdrop, "_BLURRED_AT", 2048)
    whole = foreground(mixed, matte)
    assert np.abs(found.astype(int) - whole)[matte > 0].max() < 6
    assert (found[matte == 1] == mixed[matte == 1]).all()


def test_a_colour_is_put_behind(cut: Cut) -> None:
    """Pure where nothing of the foreground is, and the face as it was."""
    made = cut(photo("astronaut"), background={"colour": "#00ff80"})
    picture, before = pixels(made.products[0].path), pixels(photo("astronaut"))
    assert picture[60, 430].tolist() == [0, 255, 128]
    assert np.abs(picture[120, 225].astype(int) - before[120, 225, :3]).max() < 6


def test_a_picture_is_put_behind_and_covers_all(cut: Cut, tmp_path: Path) -> None:
    """Scaled to cover, its middle kept: of a wide one the sides are cut away."""
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))
    wide.save(tmp_path / "behind.png")
    picture = pixels(cut(photo("astronaut"), tmp_path / "behind.png").products[0].path)
    assert picture[60, 430].tolist() == [0, 0, 255] and picture[60, 60].tolist() == [0, 0, 255]


def test_the_own_background_is_blurred_without_a_glow(cut: Cut, tmp_path: Path) -> None:
    """A white disc on black, its matte known: beside the disc the blurred background is black, not grey."""
    y, x = np.mgrid[:200, :200]
    disc = (np.hypot(x - 100, y - 100) < 60).astype(np.uint8) * 255
    Image.fromarray(disc).save(tmp_path / "matte.png")
    Image.fromarray(disc).convert("RGB").save(tmp_path / "a.png")
    made = cut(tmp_path / "a.png", mattes={tmp_path / "a.png": tmp_path / "matte.png"}, background={"blur": 1.0})
    picture = pixels(made.products[0].path)
    assert picture[100, 100].min() > 250 and picture[100, 170].max() < 12
    assert made.facts["sources"][0]["by"] == "remove.bg"


def test_half_covered_pixels_lose_the_old_background(cut: Cut, tmp_path: Path) -> None:
    """A red square on green with a soft edge, put before white: nothing green is left in the edge."""
    matte = np.clip((np.arange(80) - 36) / 8, 0, 1)[None].repeat(80, 0)
    mixed = matte[..., None] * (200, 0, 0) + (1 - matte[..., None]) * (0, 200, 0)
    Image.fromarray((matte * 255).astype(np.uint8)).save(tmp_path / "matte.png")
    Image.fromarray(mixed.astype(np.uint8)).save(tmp_path / "a.png")
    made = cut(tmp_path / "a.png", mattes={tmp_path / "a.png": tmp_path / "matte.png"}, background={"colour": "#ffffff"})
    edge = pixels(made.products[0].path)[40, 40].astype(int)
    assert edge[0] > edge[1] and abs(edge[1] - edge[2]) < 40


@pytest.mark.parametrize(
    ("names", "pointer"),
    [
        (("a.png", "broken.png"), "/params/sources/1"),
        (("a.png", "film.mp4"), "/params/sources/1"),
        (("a.png", "behind.png"), "/params/background/image"),
    ],
)
def test_a_broken_file_is_told_with_its_place(cut: Cut, tmp_path: Path, names: tuple[str, str], pointer: str) -> None:
    """A source that is half a picture or no film, or the picture behind: where it stands in the params, and no path of this machine."""
    Image.new("RGB", (16, 16)).save(tmp_path / "a.png")
    for name in names[1:]:
        (tmp_path / name).write_bytes(b"" if name.endswith(".mp4") else photo("cat").read_bytes()[:5000])
    with pytest.raises(MediaUnreadable) as refused:
        cut(*(tmp_path / name for name in names), mattes={tmp_path / "a.png": None})
    assert refused.value.errors[0]["pointer"] == pointer and str(tmp_path) not in refused.value.detail


def test_a_picture_in_which_a_vendor_found_nothing_is_empty(cut: Cut) -> None:
    """No foreground: all of it is transparent, and no model is asked."""
    made = cut(photo("astronaut"), mattes={photo("astronaut"): None})
    assert pixels(made.products[0].path)[..., 3].max() == 0 and made.facts["model"] == "remove.bg"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The astronaut moving to the right for eight frames, with a tone."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    image = np.asarray(Image.open(photo("astronaut")).resize((192, 192)))
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=8)
        sound: Any = container.add_stream("aac", rate=44100, layout="mono")
        stream.width, stream.height, stream.pix_fmt = 192, 192, "yuv420p"
        for number in range(8):
            frame = av.VideoFrame.from_ndarray(np.roll(image, 2 * number, 1), format="rgb24")
            container.mux(stream.encode(frame))
        tone = np.sin(np.arange(44100) / 10).astype(np.float32)[None] / 2
        for start in range(0, 43000, 1024):
            heard = av.AudioFrame.from_ndarray(tone[:, start : start + 1024].copy(), format="fltp", layout="mono")
            heard.sample_rate, heard.pts = 44100, start
            container.mux(sound.encode(heard))
        container.mux(stream.encode())
        container.mux(sound.encode())
    return path


def test_a_film_becomes_one_that_can_be_looked_through(cut: Cut, clip: Path) -> None:
    """WebM with alpha in every frame, as many frames at their times, and the sound."""
    made = cut(clip)
    assert made.products[0].media_type == "video/webm" and made.facts["sources"][0]["frames"] == 8
    decoder: Any = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(made.products[0].path)) as film:
        assert len(film.streams.audio) == 1
        seen = [frame for packet in film.demux(film.streams.video[0]) for frame in decoder.decode(packet)]
    assert [round(float(frame.time or 0), 2) for frame in seen] == pytest.approx([number / 8 for number in range(8)], abs=0.01)
    for frame in seen:
        alpha = frame.to_ndarray(format="rgba")[..., 3]
        assert alpha[45, 90] > 200 and alpha[20, 20] < 20


def test_a_film_before_a_colour_keeps_picture_and_sound(cut: Cut, clip: Path) -> None:
    """MP4 of the same length; the corner has the colour."""
    made = cut(clip, background={"colour": "#0000ff"}, matte=True)
    assert [product.name for product in made.products] == ["composite-1.mp4", "matte-1.mp4", "background.json"]
    with av.open(str(made.products[0].path)) as film:
        assert len(film.streams.audio) == 1 and film.duration == pytest.approx(1_000_000, abs=80_000)
        (first, *_) = film.decode(film.streams.video[0])
        assert first.to_ndarray(format="rgb24")[10, 10].tolist() == pytest.approx([0, 0, 255], abs=12)


def test_flicker_is_steadied_and_movement_is_not() -> None:
    """A pixel that flickers a little settles; one that turns over follows at once; a cut starts anew."""
    steadied = Steadied()
    flicker = [0.6, 0.4] * 6
    told = []
    for value in flicker:
        matte = np.zeros((4, 4), np.float32)
        matte[0, 0] = value
        told.append(float(steadied.next(matte)[0, 0]))
    assert np.ptp(told[-4:]) < 0.8 * np.ptp(flicker)
    moved = np.zeros((4, 4), np.float32)
    moved[1, 1] = 1.0
    assert steadied.next(moved)[1, 1] == 1.0
    assert (steadied.next(np.ones((4, 4), np.float32)) == 1.0).all()


@pytest.mark.parametrize("background", [{}, {"colour": "#000000", "blur": 0.5}, {"colour": "red"}, {"blur": 0}])
def test_a_background_is_one_thing(background: dict[str, Any]) -> None:
    """Nothing, two at once, and values that are none."""
    with pytest.raises(ValidationError):
        BackgroundParams.model_validate({"sources": [str(uuid.uuid4())], "background": background})
