"""Assignments in process: the order of what decides."""

from __future__ import annotations

from pipelines.experiments.assignment import Filter, Split, assign, hashed_variant
from pipelines.experiments.features import holdout_filter, namespace_filter
from pipelines.experiments.hashing import bucket
from pipelines.experiments.split import first_split, next_split

HALVES = Split("seed", ("a", "b"), tuple(first_split([0.5, 0.5])))


def test_the_bucket_decides() -> None:
    """The variant is that of the piece that the unit's bucket lies in."""
    for n in range(500):
        found = assign(HALVES, {"id": f"u{n}"})
        assert (found.bucket, found.variant) == (bucket("seed", f"u{n}"), "a" if bucket("seed", f"u{n}") < 0.5 else "b")


def test_outside_the_coverage() -> None:
    """A bucket without a piece is not in the experiment, and the bucket says where it fell."""
    split = Split("seed", ("a", "b"), tuple(first_split([0.5, 0.5], 0.1)))
    out = [assign(split, {"id": f"u{n}"}) for n in range(200)]
    assert all(
        (one.reason == "outside the coverage") == (not (one.bucket < 0.05 or 0.5 <= one.bucket < 0.55))
        for one in out
        if one.bucket is not None
    )


def test_numbers_and_texts_are_the_same_unit() -> None:
    """An id of 7 is the id "7"."""
    assert assign(HALVES, {"id": 7}).variant == assign(HALVES, {"id": "7"}).variant


def test_filters_come_before_conditions() -> None:
    """A unit outside the namespace is told so, whatever the condition says."""
    split = Split("s", ("a", "b"), HALVES.pieces, condition={"x": 1}, filters=(namespace_filter("n", 0.0, 0.0, "id"),))
    assert assign(split, {"id": "u"}).reason == "in another part of its namespace"
    assert assign(Split("s", ("a", "b"), HALVES.pieces, condition={"x": 1}), {"id": "u"}).reason == "does not match the targeting condition"


def test_a_holdout_keeps_its_first_variant_out() -> None:
    """The filter passes exactly those that the holdout has in its other variant, or not at all."""
    holdout = Split("h", ("out", "in"), tuple(first_split([0.3, 0.7], 0.8)))
    keeps = holdout_filter(holdout)
    assert all(keeps.passes({"id": f"u{n}"}) == (assign(holdout, {"id": f"u{n}"}).variant != "out") for n in range(300))
    assert Filter("h", ((0.0, 1.0),)).passes({}) is False


def test_old_splits_bear_out_what_they_gave() -> None:
    """A unit that moved was in two variants, one that stayed in one."""
    after = Split("seed", ("a", "b"), tuple(next_split(HALVES.pieces, [0.1, 0.9])))
    assert {frozenset(hashed_variant([HALVES, after], f"u{n}")) for n in range(200)} == {frozenset("a"), frozenset("b"), frozenset("ab")}
