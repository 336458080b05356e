"""Keys that people are known by, and which of them belong together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Key(NamedTuple):
    """kind: anonymous, user or email. key: as the sender says it; of an e-mail address its hash."""

    kind: str
    key: str


# What broken trackers send for everybody: as a key it would make one person of all visitors.
PLACEHOLDERS = frozenset(
    {"", "0", "-1", "null", "none", "nil", "undefined", "nan", "false", "true", "unknown", "anonymous", "guest", "user", "test", "n/a"}
    | {"[object object]", "00000000-0000-0000-0000-000000000000", "{{user_id}}", "distinct_id", "anonymous_id", "user_id"}
)


def is_placeholder(key: str) -> bool:
    """Whether a key stands for nobody in particular."""
    return key.strip().lower() in PLACEHOLDERS


def email_hash(address: str) -> str:
    """SHA-256 (hex) of the trimmed lower-case address, as advertising platforms take it."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


class UnionFind:
    """Disjoint sets of integers, with path halving and union by size (Tarjan and van Leeuwen, 1984)."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))
        self._size = [1] * count

    def find(self, one: int) -> int:
        above = self._above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def union(self, one: int, other: int) -> None:
        one, other = self.find(one), self.find(other)
        if one != other:
            if self._size[one] < self._size[other]:
                one, other = other, one
            self._above[other] = one
            self._size[one] += self._size[other]


def joined(groups: Iterable[Sequence[int]], count: int) -> UnionFind:
    """The sets of `count` numbers when the members of each group belong together."""
    sets = UnionFind(count)
    for group in groups:
        for other in group[1:]:
            sets.union(group[0], other)
    return sets
