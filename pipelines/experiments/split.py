"""How the line from 0 to 1 is cut into the variants' pieces, and how a new split moves the fewest units.

A piece is (start, end, variant's index): a unit whose bucket n has start ≤ n < end sees that variant. What no piece covers
is outside the experiment. Ends are multiples of 1/10,000, the hash's own steps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

STEPS = 10_000
Piece = tuple[float, float, int]
_Run = list[int]  # start, end in steps, variant's index


def first_split(weights: Sequence[float], coverage: float = 1.0) -> list[Piece]:
    """The pieces of a new experiment, laid out as the SDKs lay out weights and coverage: each begins where it would at full coverage."""
    pieces, cumulative = [], 0.0
    for variant, weight in enumerate(weights):
        start = cumulative
        cumulative += weight
        pieces.append((_step(start), _step(start + weight * min(max(coverage, 0.0), 1.0)), variant))
    return [(start, end, variant) for start, end, variant in pieces if end > start]


def next_split(pieces: Sequence[Piece], weights: Sequence[float], coverage: float = 1.0) -> list[Piece]:
    """The pieces after a change of weights or coverage: only as many units move as the change itself asks for.

    Variants that shrink give up their smallest pieces first, so that pieces do not splinter over many changes; those that
    grow take what was given up, then what was outside. The moved share is the sum of the shrinking, which no split can beat.
    """
    wanted = _wanted(weights, coverage)
    kept, given = _shrunk(_runs(pieces), wanted)
    free = given + _gaps(kept + given)
    return _pieces(_grown(kept, free, wanted))


def weights_of(pieces: Sequence[Piece], variants: int) -> list[float]:
    """Each variant's share of the line."""
    return [round(sum(end - start for start, end, one in pieces if one == variant), 4) for variant in range(variants)]


def moved(before: Sequence[Piece], after: Sequence[Piece]) -> float:
    """The share of all units whose variant, or whose being in the experiment, differs."""
    points = sorted({0.0, 1.0, *(end for piece in (*before, *after) for end in piece[:2])})
    return round(sum(high - low for low, high in itertools.pairwise(points) if _at(before, low) != _at(after, low)), 4)


def _at(pieces: Sequence[Piece], n: float) -> int:
    return next((variant for start, end, variant in pieces if start <= n < end), -1)


def _step(value: float) -> float:
    """The first bucket that is not below the value, so that `n < value` decides as the SDKs' own ranges do, bit for bit."""
    step = max(math.floor(value * STEPS) - 1, 0)
    while step < STEPS and step / STEPS < value:
        step += 1
    return step / STEPS


def _wanted(weights: Sequence[float], coverage: float) -> list[int]:
    """Steps of each variant; what rounding leaves goes to the largest remainders."""
    exact = [weight * coverage * STEPS for weight in weights]
    steps = [math.floor(one + 1e-9) for one in exact]
    left = round(sum(exact)) - sum(steps)
    for variant in sorted(range(len(exact)), key=lambda one: steps[one] - exact[one])[:left]:
        steps[variant] += 1
    return steps


def _runs(pieces: Sequence[Piece]) -> list[_Run]:
    return sorted([round(start * STEPS), round(end * STEPS), variant] for start, end, variant in pieces)


def _shrunk(runs: list[_Run], wanted: Sequence[int]) -> tuple[list[_Run], list[_Run]]:
    """What stays, and what is given up."""
    kept: list[_Run] = []
    given: list[_Run] = []
    for variant, steps in enumerate(wanted):
        mine = sorted((run for run in runs if run[2] == variant), key=lambda run: run[1] - run[0])
        surplus = sum(end - start for start, end, _ in mine) - steps
        for start, end, _ in mine:
            cut = min(max(surplus, 0), end - start)
            surplus -= cut
            kept += [[start, end - cut, variant]] if end - cut > start else []
            given += [[end - cut, end, variant]] if cut else []
    return kept, sorted(given)


def _gaps(runs: list[_Run]) -> list[_Run]:
    gaps, at = [], 0
    for start, end, _ in sorted(runs):
        gaps += [[at, start, -1]] if start > at else []
        at = end
    return gaps + ([[at, STEPS, -1]] if at < STEPS else [])


def _grown(kept: list[_Run], free: list[_Run], wanted: Sequence[int]) -> list[_Run]:
    runs = list(kept)
    for variant, steps in enumerate(wanted):
        missing = steps - sum(end - start for start, end, one in kept if one == variant)
        while missing > 0 and free:
            start, end, _ = free.pop(0)
            taken = min(missing, end - start)
            runs.append([start, start + taken, variant])
            missing -= taken
            if start + taken < end:
                free.insert(0, [start + taken, end, -1])
    return runs


def _pieces(runs: list[_Run]) -> list[Piece]:
    """In order, neighbours of one variant joined."""
    joined: list[_Run] = []
    for run in sorted(runs):
        if joined and joined[-1][1] == run[0] and joined[-1][2] == run[2]:
            joined[-1][1] = run[1]
        else:
            joined.append(list(run))
    return [(start / STEPS, end / STEPS, variant) for start, end, variant in joined]
