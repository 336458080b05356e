"""Which variant a unit sees: namespace, holdout, condition and hash, in the SDKs' order. No memory and no randomness."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipelines.experiments.hashing import bucket, bucket_after, fnv32a, text_of
from pipelines.experiments.split import Piece
from pipelines.experiments.targeting import matches


@dataclass(frozen=True)
class Filter:
    """Only units whose bucket lies in one of the ranges pass. version 1 is a namespace, 2 a holdout's complement."""

    seed: str
    ranges: tuple[tuple[float, float], ...]
    attribute: str = "id"
    version: int = 2

    def passes(self, attributes: Mapping[str, Any]) -> bool:
        value = text_of(attributes.get(self.attribute))
        n = bucket(self.seed, value, self.version) if value else 1.0
        return any(start <= n < end for start, end in self.ranges)


@dataclass(frozen=True)
class Split:
    """A running experiment as assignment needs it."""

    seed: str
    variants: tuple[str, ...]
    pieces: tuple[Piece, ...]
    attribute: str = "id"
    condition: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[Filter, ...] = ()

    @cached_property
    def state(self) -> int:
        return fnv32a(self.seed)

    @cached_property
    def starts(self) -> list[float]:
        return [piece[0] for piece in self.pieces]

    def variant_at(self, n: float) -> int:
        """The variant's index of a bucket; -1 outside the experiment."""
        at = bisect_right(self.starts, n) - 1
        return self.pieces[at][2] if at >= 0 and n < self.pieces[at][1] else -1


@dataclass(frozen=True)
class Assignment:
    """variant is None when the unit is not in the experiment; `reason` says why then.

    bucket: where it fell, None when it did not come to that.
    """

    unit: str
    variant: str | None
    bucket: float | None
    reason: str


def assign(split: Split, attributes: Mapping[str, Any]) -> Assignment:
    """The same answer for the same unit as long as the split stays; any other attribute only lets in or keeps out."""
    unit = text_of(attributes.get(split.attribute))
    if not unit:
        return Assignment("", None, None, f"the attribute {split.attribute!r} is missing or empty")
    for one in split.filters:
        if not one.passes(attributes):
            return Assignment(unit, None, None, "in a holdout" if one.version == 2 else "in another part of its namespace")
    if split.condition and not matches(split.condition, attributes):
        return Assignment(unit, None, None, "does not match the targeting condition")
    n = bucket_after(split.state, unit)
    at = split.variant_at(n)
    return Assignment(unit, split.variants[at], n, "") if at >= 0 else Assignment(unit, None, n, "outside the coverage")


def hashed_variant(splits: Sequence[Split], unit: str) -> set[str]:
    """The variants that any of the splits (the versions of one experiment) gives a unit, whatever its attributes."""
    n = bucket_after(splits[0].state, unit)  # versions share the seed
    at = {split.variant_at(n) for split in splits}
    return {splits[0].variants[one] for one in at if one >= 0}
