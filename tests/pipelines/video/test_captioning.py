"""`video.captions`: files and burnt letters, in the safe area, in time with the words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from core.errors import InvalidInput, MediaUnreadable
from pipelines.video.captioning import recipe
from pipelines.video.captions import platform_area
from tests.pipelines.video.films import Cook, Cooked, Films, tone

SIZE = (270, 480)
GROUND = (40, 90, 60)
WORDS = [
    {"text": "Hello", "start": 0.2, "end": 0.5},
    {"text": "dear", "start": 0.5, "end": 0.8},
    {"text": "friends.", "start": 0.8, "end": 1.2},
]


def film(films: Films) -> Path:
    return films.colour(GROUND, 1.5, size=SIZE, sound=tone(440, 1.5))


def drawn(cooked: Cooked, second: float) -> NDArray[np.bool_]:
    """Where the frame at this second differs from the plain ground, as a mask."""
    return np.asarray(abs(frame_at(cooked, second) - np.array(GROUND)).max(axis=2) > 40)


def yellow(cooked: Cooked, second: float) -> NDArray[np.bool_]:
    frame = frame_at(cooked, second)
    return np.asarray((frame[..., 0] > 150) & (frame[..., 2] < 110))


def frame_at(cooked: Cooked, second: float) -> NDArray[np.int64]:
    """Of the captioned film, wherever it stands among the products."""
    path = next(product.path for product in cooked.made.products if product.media_type == "video/mp4")
    return np.asarray(Cooked(cooked.made, path).frames()[round(second * 30)], np.int64)


def test_files_are_made_without_a_video(cook: Cook) -> None:
    """Words alone give SubRip, WebVTT and ASS documents of the right types."""
    cooked = cook(recipe, {}, words=WORDS)
    assert [product.media_type for product in cooked.made.products] == ["application/x-subrip", "text/vtt", "text/x-ass"]
    srt, vtt, ass = (product.path.read_text() for product in cooked.made.products)
    assert srt == "1\n00:00:00,200 --> 00:00:01,700\nHello dear friends.\n"
    assert vtt.startswith("WEBVTT\n\n00:00:00.200 --> 00:00:01.700\nHello dear friends.\n")
    assert "PlayResX: 1080" in ass and ass.count("Dialogue:") == 3
    assert cooked.facts["words"] == 3 and cooked.facts["notes"] == []


@pytest.mark.parametrize("platform", [None, "tiktok", "reels", "x"])
def test_letters_stay_in_the_safe_area(films: Films, cook: Cook, platform: str | None) -> None:
    """Not one pixel of a caption lies where the platform's own buttons are; the film keeps its frames and sound."""
    long = [
        {"text": "An_extremely_long_name_without_a_space", "start": 0.0, "end": 1.0},
        {"text": "gjpqy", "start": 1.0, "end": 1.4},
    ]
    cooked = cook(recipe, {"a": film(films)}, video="@a", words=long, platform=platform, formats=["video"])
    area = platform_area(SIZE, platform)  # type: ignore[arg-type]
    for second in (0.5, 1.2):
        rows, columns = np.nonzero(drawn(cooked, second))
        assert len(rows) > 50
        assert area.left <= columns.min() and columns.max() < area.right
        assert area.top <= rows.min() and rows.max() < area.bottom
    assert cooked.facts["frames"] == 45 and cooked.facts["sound"]


def test_the_heard_word_is_coloured_in_its_time(films: Films, cook: Cook) -> None:
    """The colour moves from left to right with the voice; before the first word nothing is drawn."""
    cooked = cook(recipe, {"a": film(films)}, video="@a", words=WORDS, formats=["video"])
    assert not drawn(cooked, 0.1).any()
    places = [np.nonzero(yellow(cooked, second))[1].mean() for second in (0.35, 0.65, 1.0)]
    assert places == sorted(places) and places[2] - places[0] > 40


def test_places_and_styles(films: Films, cook: Cook) -> None:
    """On top it is in the upper half; plain has no coloured word; karaoke colours all that was heard."""
    top = cook(recipe, {"a": film(films)}, video="@a", words=WORDS, formats=["video"], place="top", style="plain")
    assert np.nonzero(drawn(top, 1.0))[0].max() < SIZE[1] / 2 and yellow(top, 1.0).sum() == 0
    karaoke = cook(recipe, {"a": film(films)}, video="@a", words=WORDS, formats=["video"], style="karaoke")
    one_by_one = cook(recipe, {"a": film(films)}, video="@a", words=WORDS, formats=["video"], style="outline")
    assert yellow(karaoke, 1.1).sum() > 1.7 * yellow(one_by_one, 1.1).sum()


def test_other_scripts_and_emoji(films: Films, cook: Cook) -> None:
    """Arabic is drawn, emoji are left out of the picture but not of the files, letters without a glyph are named."""
    words = [{"text": text, "start": index * 0.4, "end": index * 0.4 + 0.4} for index, text in enumerate(("مرحبا", "🚀", "漢字"))]
    cooked = cook(recipe, {"a": film(films)}, video="@a", words=words)
    assert drawn(cooked, 0.2).sum() > 100
    assert "🚀" in cooked.made.products[0].path.read_text() and "🚀" not in cooked.made.products[2].path.read_text()
    assert any("漢" in note for note in cooked.facts["notes"]) and any("🚀" in note for note in cooked.facts["notes"])


def test_text_and_documents(films: Films, cook: Cook, tmp_path: Path) -> None:
    """The same SubRip text inline and as a document gives the same files; estimated word times are told."""
    text = "1\n00:00:00,100 --> 00:00:01,000\nRead me\n"
    document = tmp_path / "words.srt"
    document.write_text(text)
    inline, filed = cook(recipe, {}, text=text, formats=["vtt"]), cook(recipe, {"d": document}, document="@d", formats=["vtt"])
    assert inline.path.read_text() == filed.path.read_text() == "WEBVTT\n\n00:00:00.100 --> 00:00:01.000\nRead me\n"
    assert "estimated" in inline.facts["notes"][0]


def test_captions_after_the_end_are_told(films: Films, cook: Cook) -> None:
    """They stay in the files and are not seen in the video."""
    segments = [{"text": "In time", "start": 0.0, "end": 1.0}, {"text": "Too late", "start": 9.0, "end": 10.0}]
    cooked = cook(recipe, {"a": film(films)}, video="@a", segments=segments)
    assert "Too late" in cooked.made.products[0].path.read_text()
    assert any("1 of 2 captions begin after the video's end" in note for note in cooked.facts["notes"])


@pytest.mark.parametrize(
    ("params", "faults"),
    [
        ({"words": [WORDS[1], WORDS[0]]}, [("words", 1, "start")]),
        (
            {"words": [{"text": "a", "start": 3, "end": 1}, {"text": "b", "start": 0, "end": 1}]},
            [("words", 0, "end"), ("words", 1, "start")],
        ),
        ({"segments": [{"text": "a", "start": 1, "end": 1}]}, [("segments", 0, "end")]),
        ({"words": [{"text": "a", "start": -1, "end": 1}]}, [("words", 0, "start")]),
        ({"words": WORDS, "text": "1"}, [()]),
        ({}, [()]),
        ({"words": WORDS, "formats": ["video"]}, [("formats",)]),
        ({"words": WORDS, "style": "fancy"}, [("style",)]),
        ({"words": WORDS, "colours": ["red"]}, [("colours", 0)]),
    ],
)
def test_params_out_of_order(params: dict[str, object], faults: list[tuple[object, ...]]) -> None:
    """Each fault at its own place, all at once."""
    with pytest.raises(ValidationError) as caught:
        recipe.params.model_validate(params)
    assert [fault["loc"] for fault in caught.value.errors()] == faults
    assert json.dumps([fault["msg"] for fault in caught.value.errors()])


def test_a_document_that_is_no_text(cook: Cook, tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused with the document's pointer."""
    path = tmp_path / "captions.srt"
    path.write_bytes(b"\xff\xfe\x00\x01" * 20)
    with pytest.raises(MediaUnreadable) as caught:
        cook(recipe, {"d": path}, document="@d")
    assert caught.value.errors[0]["pointer"] == "/params/document"


def test_a_video_that_is_none(cook: Cook, tmp_path: Path) -> None:
    """Text under a video's name."""
    path = tmp_path / "clip.mp4"
    path.write_text("words " * 50)
    with pytest.raises(InvalidInput, match="not a video"):
        cook(recipe, {"a": path}, video="@a", words=WORDS)
