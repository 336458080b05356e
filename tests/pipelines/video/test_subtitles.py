from __future__ import annotations

from pathlib import Path

import ffmpeg as graph
import numpy as np
import pytest

from pipelines.video import ffmpeg
from pipelines.video.lettering import font_file, width
from pipelines.video.process import standalone
from pipelines.video.subtitles import Letters, escape, script
from tests.pipelines.video.conftest import frames

SIZE = (400, 120)
TEXT_SIZE = 20.0


def drawn(text: str, folder: Path) -> tuple[int, int]:
    """Width and height in pixels of the ink that the text leaves on black."""
    letters = Letters(escape(text), SIZE[0] / 2, SIZE[1] / 2, TEXT_SIZE, (255, 255, 255), 0.0, 1.0)
    file = folder / "texts.ass"
    file.write_text(script([letters], SIZE, (0, 0, 0)), encoding="utf-8")
    black = graph.input(f"color=black:s={SIZE[0]}x{SIZE[1]}:r=30:d=0.04", f="lavfi")
    lettered = black.filter("ass", filename=str(file), fontsdir=str(font_file().parent))
    target = folder / "out.mkv"
    ffmpeg.encode(lambda part: lettered.output(str(part), vcodec="ffv1", f="matroska"), target, 1, standalone(), lambda _: None)
    rows, columns = np.nonzero(frames(target)[0, ..., 1] > 100)
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@pytest.mark.parametrize(
    "text", ["100% off", "a {bold} one", r"{\fs200}big", r"C:\new\Nice\hit", 'it\'s: "so"', "a,b;[c]=d", "back\\{slash}", "Düşük ½ €5"]
)
def test_text_is_drawn_letter_by_letter(tmp_path: Path, text: str) -> None:
    """Signs that mean something to ASS or ffmpeg take their own place on one line, as wide as the font says."""
    wide, high = drawn(text, tmp_path)
    assert wide == pytest.approx(width(text, TEXT_SIZE), abs=4)
    assert high < TEXT_SIZE * 1.3


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "שלום עולם"])
def test_right_to_left_scripts_are_drawn(tmp_path: Path, text: str) -> None:
    """Arabic and Hebrew leave ink; Arabic letters join, so they are narrower than one by one."""
    wide, _ = drawn(text, tmp_path)
    assert 40 < wide <= width(text, TEXT_SIZE) + 4
