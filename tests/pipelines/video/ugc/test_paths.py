"""Random paths stay in their band, and expressions give ffmpeg the same numbers as Python."""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.video.ugc.paths import expression, wander


def evaluated(text: str, **names: float) -> float:
    """An ffmpeg expression of the kind that is made here, by Python's own arithmetic."""
    functions: dict[str, Any] = {"sin": math.sin, "clip": lambda value, low, high: min(max(value, low), high)}
    return float(eval(compile(ast.parse(text, mode="eval"), "", "eval"), {"__builtins__": {}}, {**functions, **names}))


@settings(max_examples=40)
@given(st.lists(st.floats(-2000, 2000), min_size=1, max_size=80), st.sampled_from([0.01, 0.5]))
def test_an_expression_gives_every_value(values: list[float], tolerance: float) -> None:
    """At every frame, within the tolerance and the seven digits that are written."""
    text = expression(values, "n", tolerance)
    found = [evaluated(text, n=number) for number in range(len(values))]
    assert found == pytest.approx(values, abs=tolerance + 0.02)


def test_straight_movement_needs_one_term() -> None:
    """A long even movement is as short as its two ends; a step takes one frame."""
    assert expression([number * 2.0 for number in range(500)], "n", 0.01).count("clip") == 1
    assert expression([1.0] * 50 + [1.2] * 50, "n", 1e-4).count("clip") == 1


def test_a_long_path_stays_short() -> None:
    """Ten minutes of restless movement are no more terms than ffmpeg reads quickly; a jump in it stays a jump."""
    values = [200 + 100 * math.sin(number / 9) + 40 * math.sin(number / 4) for number in range(18_000)]
    values[9000:] = [value + 900 for value in values[9000:]]
    text = expression(values, "n", 0.15)
    assert text.count("clip") <= 800
    assert evaluated(text, n=9000) - evaluated(text, n=8999) > 600


def test_a_wander_holds_only_its_band() -> None:
    """Ninety-five hundredths of its energy lie between the lowest and the highest frequency, and it never leaves its bounds."""
    path = wander("a seed", (0.5, 6.0))
    values = np.array([path.at(number / 60) for number in range(60 * 60)])
    energy = np.abs(np.fft.rfft(values * np.hanning(len(values)))) ** 2
    hertz = np.fft.rfftfreq(len(values), 1 / 60)
    assert energy[(hertz >= 0.45) & (hertz <= 6.05)].sum() > 0.95 * energy.sum()
    assert np.abs(values).max() <= 1 and values.std() > 0.1


def test_the_seed_makes_the_path() -> None:
    """The same seed walks the same way, another one does not; ffmpeg is told the same path."""
    one, same, other = wander("1", (0.5, 6.0)), wander("1", (0.5, 6.0)), wander("2", (0.5, 6.0))
    assert one == same != other
    assert evaluated(one.expression("t"), t=1.7) == pytest.approx(one.at(1.7), abs=1e-4)
