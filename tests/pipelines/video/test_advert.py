from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video.advert import Advert, plan, render
from pipelines.video.captions import safe_area
from pipelines.video.scenes import Scene
from providers.contracts.voice import SpokenWord
from tests.pipelines.video.conftest import SMALL_LANDSCAPE, SMALL_PORTRAIT, frames, samples

MakeAdvert = Callable[..., Advert]


@pytest.mark.parametrize("size", [SMALL_PORTRAIT, SMALL_LANDSCAPE])
def test_an_advert_has_the_promised_form(advert: MakeAdvert, tmp_path: Path, size: tuple[int, int]) -> None:
    """Both formats come out as H.264 High 4:2:0 at 30 frames a second with AAC, as long as the timeline to the frame."""
    scenes = tuple(Scene(scene.image, 0.77, scene.motion) for scene in advert().scenes)
    wanted = advert(size=size, scenes=scenes)
    facts = render(wanted, tmp_path / "out.mp4").facts
    assert facts.video is not None and facts.audio is not None
    assert (facts.video.width, facts.video.height, facts.video.fps) == (*size, Fraction(30))
    assert (facts.video.codec, facts.video.profile, facts.video.pixel_format) == ("h264", "High", "yuv420p")
    assert (facts.audio.codec, facts.audio.sample_rate, facts.audio.channels) == ("aac", 48_000, 2)
    assert facts.video.frames == plan(wanted).frames == 76  # 0.77 + 0.77 + 1.0 s, rounded once
    assert facts.video.seconds == pytest.approx(76 / 30, abs=1e-3)
    assert facts.audio.seconds == pytest.approx(76 / 30, abs=1 / 30)


def test_the_index_stands_before_the_pictures(advert: MakeAdvert, tmp_path: Path) -> None:
    """A player can start before the whole file has arrived."""
    render(advert(), tmp_path / "out.mp4")
    content = (tmp_path / "out.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_end_card_wears_the_brands_colours(advert: MakeAdvert, tmp_path: Path) -> None:
    """The last picture is the brand's first colour, with a button in the second."""
    render(advert(colours=("#0b3d2e", "#f2b632")), tmp_path / "out.mp4")
    last = frames(tmp_path / "out.mp4")[-1].astype(int)
    assert np.abs(last[10:40, 10:260] - (0x0B, 0x3D, 0x2E)).max() <= 6
    button = np.abs(last - (0xF2, 0xB6, 0x32)).max(axis=2) <= 8
    assert button[int(480 * 0.58) : int(480 * 0.70)].sum() > 1000
    assert not button[: int(480 * 0.5)].any()


def test_captions_stay_inside_the_safe_area_and_keep_to_their_times(advert: MakeAdvert, tmp_path: Path) -> None:
    """With and without words the pictures differ only inside the safe area, and only while a word is heard."""
    words = (SpokenWord("Hello", 0.5, 0.8), SpokenWord("there", 0.8, 1.0))
    render(advert(), tmp_path / "plain.mp4")
    render(advert(words=words), tmp_path / "words.mp4")
    plain, captioned = (frames(tmp_path / name)[..., 1].astype(np.int16) for name in ("plain.mp4", "words.mp4"))
    difference = np.abs(plain - captioned) > 60
    assert not difference[:15].any()
    assert not difference[44:].any()  # the caption stays 0.4 s after its last word
    rows, columns = np.nonzero(difference[20])
    area = safe_area(SMALL_PORTRAIT)
    assert rows.size > 500
    assert area.top <= rows.min() and rows.max() <= area.bottom
    assert area.left <= columns.min() and columns.max() <= area.right


@pytest.mark.parametrize("level", [0.01, 0.9])
def test_the_voice_is_heard_at_one_loudness(advert: MakeAdvert, tone: Callable[..., Path], tmp_path: Path, level: float) -> None:
    """A quiet and a loud recording both come out at about -16 LUFS, and silence follows them."""
    render(advert(voice=tone(2.0, level)), tmp_path / "out.mp4")
    sound = samples(tmp_path / "out.mp4")
    heard = np.sqrt((sound[:, 9_600:86_400] ** 2).mean())
    # A stereo sine of -16 LUFS: -0.691 + 10 log10(2 x mean square) = -16, the weighting being about 0 dB at 440 Hz.
    assert 20 * np.log10(heard) == pytest.approx(-18.3, abs=1.0)
    assert np.abs(sound[:, 100_000:]).max() < 0.01


def test_odd_texts_are_drawn_and_not_obeyed(advert: MakeAdvert, tmp_path: Path) -> None:
    """Percent signs, quotes, braces, backslashes, colons, emoji and right-to-left words neither break the graph nor vanish."""
    odd = ["100%{n}", "it's:", '"so"', r"C:\new\Nice", "{\\fs200}big", "a,b;[c]", "🚀", "مرحبا", "שלום", "\x00tab\t"]
    words = tuple(SpokenWord(text, 0.2 * index, 0.2 * index + 0.2) for index, text in enumerate(odd))
    folder = tmp_path / "it's: 100%, [odd]; \\ and = more"
    folder.mkdir()
    wanted = advert(words=words, brand_name="Ünï {b} \\N 100% 'x':", call_to_action="קנה עכשיו: 20% - 'now'")
    rendered = render(wanted, folder / "out.mp4")
    assert rendered.facts.video is not None and rendered.facts.video.frames == 90
    assert rendered.notes == ()


def test_letters_without_a_glyph_are_told(advert: MakeAdvert, tmp_path: Path) -> None:
    """Text in a script that the packaged font lacks is rendered with a note, not silently as boxes."""
    notes = render(advert(brand_name="東京"), tmp_path / "out.mp4").notes
    assert len(notes) == 1 and "東" in notes[0]


def test_an_svg_logo_gives_way_to_the_name_in_type(advert: MakeAdvert, tmp_path: Path) -> None:
    """An SVG under any name is not drawn; the note says so and the name stands on the card."""
    logo = tmp_path / "logo.png"
    logo.write_text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>')
    rendered = render(advert(logo=logo, colours=("#000000",)), tmp_path / "out.mp4")
    assert "SVG" in rendered.notes[0]
    assert (frames(tmp_path / "out.mp4")[-1][150:240] > 200).any()


def test_an_advert_that_fails_leaves_nothing(advert: MakeAdvert, tmp_path: Path) -> None:
    """A broken picture is told by name, and neither output nor working files stay."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(MediaUnreadable, match=r"broken\.png"):
        render(advert(scenes=(Scene(broken, 1.0),)), out / "a.mp4")
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scenes": ()}, "at least one scene"),
        ({"size": (271, 480)}, "271 x 480"),
        ({"size": (20_000, 480)}, "20000 x 480"),
        ({"end_seconds": 0.0}, "Scene 3 lasts 0.0 s"),
        ({"end_seconds": float("nan")}, "Scene 3 lasts nan s"),
        ({"end_seconds": 4_000.0}, "lasts 4002 s"),
        ({"colours": ("green",)}, "'green' is not a colour"),
        ({"words": (SpokenWord("x", float("nan"), 1.0),)}, "'x' has no time"),
    ],
)
def test_values_out_of_range_are_refused(advert: MakeAdvert, tmp_path: Path, fields: dict[str, object], told: str) -> None:
    """Each impossible advert is refused with the reason, before ffmpeg runs."""
    with pytest.raises(InvalidInput, match=told):
        render(advert(**fields), tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_a_voice_longer_than_the_pictures_is_refused(advert: MakeAdvert, tone: Callable[..., Path], tmp_path: Path) -> None:
    """Speech is never cut off silently."""
    with pytest.raises(InvalidInput, match=r"lasts 5\.0 s, the advert 3\.0 s"):
        render(advert(voice=tone(5.0)), tmp_path / "out.mp4")
