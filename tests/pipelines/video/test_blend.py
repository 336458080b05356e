"""Blend modes against their textbook formulas."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError
from skimage.metrics import structural_similarity

from pipelines.video import ffmpeg
from pipelines.video.blend import MODES, blend, recipe
from tests.pipelines.video.films import Cook, Films, drawn_rgb, level, tone

Values = NDArray[np.float64]
SIDE = 128

# base and top from 0 to 1, as in the W3C's Compositing and Blending, and in the usual image editors where it has none.
FORMULAS: dict[str, Callable[[Values, Values], Values]] = {
    "normal": lambda b, t: t,
    "multiply": lambda b, t: b * t,
    "screen": lambda b, t: b + t - b * t,
    "darken": np.minimum,
    "lighten": np.maximum,
    "difference": lambda b, t: np.abs(b - t),
    "exclusion": lambda b, t: b + t - 2 * b * t,
    "addition": lambda b, t: b + t,
    "subtract": lambda b, t: b - t,
    "average": lambda b, t: (b + t) / 2,
    "negation": lambda b, t: 1 - np.abs(1 - b - t),
    "overlay": lambda b, t: np.where(b < 0.5, 2 * b * t, 1 - 2 * (1 - b) * (1 - t)),
    "hardlight": lambda b, t: np.where(t < 0.5, 2 * b * t, 1 - 2 * (1 - b) * (1 - t)),
    "dodge": lambda b, t: np.where(t >= 1, 1.0, b / np.maximum(1 - t, 1e-9)),
    "burn": lambda b, t: np.where(t <= 0, 0.0, 1 - (1 - b) / np.maximum(t, 1e-9)),
    "linearlight": lambda b, t: b + 2 * t - 1,
    "pinlight": lambda b, t: np.where(t < 0.5, np.minimum(b, 2 * t), np.maximum(b, 2 * t - 1)),
    "divide": lambda b, t: np.where(t <= 0, 1.0, b / np.maximum(t, 1e-9)),
    "grainextract": lambda b, t: b - t + 0.5,
    "reflect": lambda b, t: np.where(t >= 1, 1.0, b * b / np.maximum(1 - t, 1e-9)),
    "softlight": lambda b, t: (1 - 2 * t) * b * b + 2 * t * b,
    "vividlight": lambda b, t: np.where(t < 0.5, FORMULAS["burn"](b, np.clip(2 * t, 0, 1)), FORMULAS["dodge"](b, np.clip(2 * t - 1, 0, 1))),
    "hardmix": lambda b, t: np.where(b + t < 1, 0.0, 1.0),
    "glow": lambda b, t: np.where(b >= 1, 1.0, t * t / np.maximum(1 - b, 1e-9)),
}


@pytest.fixture(scope="module")
def ramps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """All pairs of values: the base grows to the right, the top downwards; red, green and blue differ."""
    folder = tmp_path_factory.mktemp("ramps")
    values = np.linspace(0, 255, SIDE).round().astype(np.uint8)
    base = np.stack([np.tile(values, (SIDE, 1)), np.tile(values[::-1], (SIDE, 1)), np.full((SIDE, SIDE), 90, np.uint8)], axis=2)
    top = np.stack([np.tile(values[:, None], (1, SIDE)), np.full((SIDE, SIDE), 200, np.uint8), np.tile(values[:, None], (1, SIDE))], axis=2)
    Image.fromarray(base).save(folder / "base.png")
    Image.fromarray(top).save(folder / "top.png")
    return folder / "base.png", folder / "top.png"


@pytest.fixture(scope="module")
def every_mode(ramps: tuple[Path, Path]) -> dict[str, NDArray[np.uint8]]:
    """The ramps blended by every mode, by one run of ffmpeg."""
    import ffmpeg as graph

    bases, tops = (_rgb(path).filter_multi_output("split", len(MODES)) for path in ramps)
    parts = [blend(bases[index], tops[index], mode) for index, mode in enumerate(MODES)]
    stacked = drawn_rgb(graph.filter(parts, "vstack", inputs=len(parts)), (SIDE, SIDE * len(parts)))[0]
    return dict(zip(MODES, np.split(stacked, len(parts)), strict=True))


def blended(ramps: tuple[Path, Path], mode: str, opacity: float = 1.0, masks: list[Path] | None = None) -> NDArray[np.uint8]:
    base, top, *others = (_rgb(path) for path in (*ramps, *(masks or [])))
    made: NDArray[np.uint8] = drawn_rgb(blend(base, top, mode, opacity, others), (SIDE, SIDE))[0]
    return made


def _rgb(path: Path) -> Any:
    import ffmpeg as graph

    return graph.input(str(path)).filter("format", "gbrp")


def expected(ramps: tuple[Path, Path], mode: str) -> Values:
    base, top = (np.asarray(Image.open(path)).astype(float) / 255 for path in ramps)
    made: Values = np.clip(FORMULAS[mode](base, top), 0, 1) * 255
    return made


@pytest.mark.parametrize("mode", FORMULAS)
def test_modes_follow_their_formulas(ramps: tuple[Path, Path], every_mode: dict[str, NDArray[np.uint8]], mode: str) -> None:
    """Every pair of values comes out as the formula says, but for rounding."""
    made, wanted = every_mode[mode], expected(ramps, mode)
    off = np.abs(made - wanted)
    # ffmpeg rounds several times on the way to soft light.
    assert np.percentile(off, 99) <= (4 if mode == "softlight" else 2.5), (mode, off.max())
    assert structural_similarity(made, wanted.round().astype(np.uint8), channel_axis=2) > 0.99


@pytest.mark.parametrize("mode", ["normal", "multiply", "burn", "overlay"])
def test_opacity_leads_from_the_base_to_the_blend(ramps: tuple[Path, Path], mode: str) -> None:
    """At 0.25 a quarter of the way, whichever picture ffmpeg's own opacity starts from."""
    base = np.asarray(Image.open(ramps[0])).astype(float)
    wanted = base + (expected(ramps, mode) - base) * 0.25
    assert np.percentile(np.abs(blended(ramps, mode, 0.25) - wanted), 99) <= 2.5


def test_a_mask_decides_where(ramps: tuple[Path, Path], tmp_path: Path) -> None:
    """White: blended. Black: the base alone. Two masks: where both are white."""
    Image.fromarray(np.tile(np.repeat([0, 255], SIDE // 2).astype(np.uint8), (SIDE, 1))).save(tmp_path / "right.png")
    Image.fromarray(np.tile(np.repeat([0, 255], SIDE // 2).astype(np.uint8)[:, None], (1, SIDE))).save(tmp_path / "below.png")
    base, half = np.asarray(Image.open(ramps[0])).astype(float), SIDE // 2
    one = blended(ramps, "multiply", masks=[tmp_path / "right.png"])
    both = blended(ramps, "multiply", masks=[tmp_path / "right.png", tmp_path / "below.png"])
    wanted = expected(ramps, "multiply")
    assert np.abs(one[:, :half] - base[:, :half]).max() <= 1 and np.abs(one[:, half:] - wanted[:, half:]).max() <= 2
    assert np.abs(both[:half] - base[:half]).max() <= 1 and np.abs(both[half:, half:] - wanted[half:, half:]).max() <= 2


def test_the_modes_are_all_of_ffmpegs() -> None:
    """The list is the packaged ffmpeg's own."""
    told = subprocess.run([ffmpeg.binary(), "-hide_banner", "-h", "filter=blend"], capture_output=True, text=True, check=True).stdout
    section = told.split("all_mode", 1)[1].split("\n   all_", 1)[0].split("\n   ")[1:]
    assert set(MODES) == {found[1] for line in section if (found := re.match(r"  (\w+) +\d+ ", line))}


def test_a_film_is_blended(films: Films, cook: Cook, tmp_path: Path) -> None:
    """Half-transparent white screened at full opacity over red, only right of the mask's edge; the sounds mixed."""
    Image.new("RGBA", (64, 48), (255, 255, 255, 128)).save(tmp_path / "veil.png")
    mask = Image.new("L", (64, 48), 0)
    mask.paste(255, (32, 0, 64, 48))
    mask.save(tmp_path / "mask.png")
    files = {"a": films.colour((200, 0, 0), 1.0, sound=tone(440, 1.0)), "veil": tmp_path / "veil.png", "mask": tmp_path / "mask.png"}
    made = cook(recipe, files, base="@a", top="@veil", mode="screen", mask="@mask", end=0.5)
    frames = made.frames().astype(int)
    assert len(frames) == 15 and np.abs(frames[7, 24, 8] - (200, 0, 0)).max() <= 8
    assert np.abs(frames[7, 24, 56] - (228, 128, 128)).max() <= 8
    assert level(made.samples(), 0.1, 0.4) == pytest.approx(0.25 / np.sqrt(2), rel=0.05)


def test_an_unknown_mode_is_answered_with_the_nearest(cook: Cook) -> None:
    """The fault tells what was perhaps meant."""
    with pytest.raises(ValidationError, match="there is no blend mode 'multply'; the nearest are multiply"):
        cook(recipe, {"a": cook.folder}, base="@a", top="@a", mode="multply")
