"""The line's pieces: laid out as SDKs do, and changed with the fewest moves."""

from __future__ import annotations

import random

import pytest

from pipelines.experiments.split import first_split, moved, next_split, weights_of


@pytest.mark.parametrize(
    ("weights", "coverage", "ranges"),
    [
        ([0.5, 0.5], 1, [(0, 0.5), (0.5, 1)]),
        ([0.5, 0.5], 0.5, [(0, 0.25), (0.5, 0.75)]),
        ([0.25] * 4, 1, [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]),
        ([0.2, 0.3, 0.5], 0.2, [(0, 0.04), (0.2, 0.26), (0.5, 0.6)]),
        ([0.4, 0.5999], 1, [(0, 0.4), (0.4, 0.9999)]),
    ],
)
def test_the_first_split_is_the_sdks(weights: list[float], coverage: float, ranges: list[tuple[float, float]]) -> None:
    """The ranges that SDKs make of weights and coverage, up to the next whole bucket where their floats end above it."""
    found = [piece[:2] for piece in first_split(weights, coverage)]
    assert [one for span in found for one in span] == pytest.approx([one for span in ranges for one in span], abs=1.01e-4)


def test_thirds_are_decided_as_floats_are() -> None:
    """Every one of the 10,000 buckets falls as it does with the SDKs' unrounded ranges."""
    pieces = first_split([1 / 3] * 3)
    exact = [(n / 3, n / 3 + 1 / 3) for n in range(3)]
    for bucket in (n / 10_000 for n in range(10_000)):
        theirs = next(n for n, (low, high) in enumerate(exact) if low <= bucket < high)
        assert next(variant for start, end, variant in pieces if start <= bucket < end) == theirs


@pytest.mark.parametrize("variants", [2, 3, 5])
def test_no_split_moves_fewer(variants: int) -> None:
    """Over 200 random changes the moved share is what the shrinking variants must give up, and pieces do not splinter."""
    chance, pieces = random.Random(variants), first_split([1 / variants] * variants)
    for _ in range(200):
        drawn = [chance.gammavariate(1, 1) for _ in range(variants)]
        after = next_split(pieces, [one / sum(drawn) for one in drawn])
        before, now = weights_of(pieces, variants), weights_of(after, variants)
        assert moved(pieces, after) == pytest.approx(sum(max(old - new, 0) for old, new in zip(before, now, strict=True)), abs=1e-9)
        assert sum(now) == pytest.approx(1)
        assert len(after) <= 6 * variants
        pieces = after


def test_more_coverage_moves_nobody() -> None:
    """Units that were in stay where they were; only new ones come in."""
    before = first_split([0.5, 0.5], 0.4)
    after = next_split(before, [0.5, 0.5], 0.8)
    inside = sum(end - start for start, end, _ in before)
    assert moved(before, after) == pytest.approx(0.8 - inside)
    assert weights_of(after, 2) == [0.4, 0.4]
