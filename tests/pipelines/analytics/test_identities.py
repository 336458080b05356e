"""Keys of people, and which belong together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analytics.identities import email_hash, is_placeholder, joined

groups = st.lists(st.lists(st.integers(0, 19), min_size=1, max_size=4), max_size=25)


@given(groups)
def test_sets_against_walking_from_neighbour_to_neighbour(found: list[list[int]]) -> None:
    """Two numbers are in one set exactly when groups lead from one to the other."""
    sets = joined(found, 20)
    reached = {n: {n} for n in range(20)}
    for _ in range(20):
        for group in found:
            together = set().union(*(reached[n] for n in group))
            for n in together:
                reached[n] |= together
    for one in range(20):
        assert {n for n in range(20) if sets.find(n) == sets.find(one)} == reached[one]


def test_an_address_has_one_hash() -> None:
    """However it is written; the value is what any SHA-256 gives."""
    assert email_hash(" Ada@Lumen.Example\n") == email_hash("ada@lumen.example")
    assert email_hash("test@example.com") == "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"


@pytest.mark.parametrize(
    ("key", "stands_for_nobody"), [("null", True), (" Undefined ", True), ("[object Object]", True), ("0", True), ("u0", False)]
)
def test_what_broken_trackers_send_is_nobody(key: str, stands_for_nobody: bool) -> None:
    """As a key it would make one person of all visitors."""
    assert is_placeholder(key) == stands_for_nobody
