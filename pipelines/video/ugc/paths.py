"""Movements as numbers, one a frame, and as the expressions that ffmpeg's filters evaluate for each frame."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_MOST_TERMS = 800  # of one expression: more would be slow to read for ffmpeg
_MOST_ADDED = 30  # terms in one pair of brackets: ffmpeg refuses longer chains and deeper trees than about a hundred


@dataclass(frozen=True)
class Wave:
    amplitude: float
    hertz: float
    phase: float


@dataclass(frozen=True)
class Wander:
    """A random path that holds only frequencies of its band: a sum of waves, never farther than 1 from 0."""

    waves: tuple[Wave, ...]

    def at(self, second: float) -> float:
        return sum(wave.amplitude * math.sin(2 * math.pi * wave.hertz * second + wave.phase) for wave in self.waves)

    def expression(self, second: str) -> str:
        """For ffmpeg; second: the expression that gives the time."""
        return "(" + "+".join(f"{w.amplitude:.6f}*sin({2 * math.pi * w.hertz:.6f}*{second}+{w.phase:.6f})" for w in self.waves) + ")"


def wander(seed: str, band: tuple[float, float], *, slope: float = 1.0, waves: int = 12) -> Wander:
    """The path of this seed. band: lowest and highest frequency in Hz. slope: amplitudes fall with that power of the frequency."""
    chance = random.Random(seed)
    steps = [(index + chance.random()) / waves for index in range(waves)]
    tones = [band[0] * (band[1] / band[0]) ** step for step in steps]
    heights = [tone**-slope for tone in tones]
    return Wander(
        tuple(Wave(height / sum(heights), tone, chance.uniform(0, 2 * math.pi)) for height, tone in zip(heights, tones, strict=True))
    )


def expression(values: Sequence[float], number: str, tolerance: float) -> str:
    """An ffmpeg expression that gives values[number], within `tolerance`, at every whole number: straight lines end to end.

    A long path with much movement gets a larger tolerance, so that the expression stays short; jumps stay where they are.
    """
    knots = _knots(values, tolerance)
    while len(knots) > _MOST_TERMS:
        tolerance *= 1.5
        knots = _knots(values, tolerance)
    terms = [
        f"{(values[end] - values[start]) / (end - start):.7g}*clip({number}-{start},0,{end - start})"
        for start, end in pairwise(knots)
        if abs(values[end] - values[start]) > 1e-9
    ]
    return added([f"{values[0]:.7g}", *terms])


def added(terms: list[str]) -> str:
    """The sum of any number of terms as ffmpeg takes it."""
    while len(terms) > 1:
        terms = ["(" + "+".join(terms[first : first + _MOST_ADDED]) + ")" for first in range(0, len(terms), _MOST_ADDED)]
    return terms[0]


def _knots(values: Sequence[float], tolerance: float) -> list[int]:
    """The ends of straight lines through the values: each line as long as it stays within the tolerance."""
    knots, last = [0], len(values) - 1
    while knots[-1] < last:
        start, low, high = knots[-1], -math.inf, math.inf
        end = start + 1
        for place in range(start + 1, last + 1):
            slope, slack = (values[place] - values[start]) / (place - start), tolerance / (place - start)
            if not low <= slope <= high:
                break
            end = place
            low, high = max(low, slope - slack), min(high, slope + slack)
        knots.append(end)
    return knots
