"""Numbers that things keep from frame to frame."""

from __future__ import annotations

import numpy as np

from pipelines.vision.tracks import Tracker, overlaps


def boxes(*lefts: float) -> np.ndarray:
    return np.array([[left, 0, left + 10, 10] for left in lefts], float)


def test_things_that_pass_each_other_keep_their_numbers() -> None:
    """Two boxes of one class move through one another: each goes on at its own speed, so each keeps its number."""
    tracker, kinds, scores = Tracker(), np.zeros(2), np.array([0.9, 0.9])
    for n in range(30):
        both = boxes(n * 4, 116 - n * 4)
        both[1, 1::2] += 2  # a little lower
        numbers = tracker.numbers(both, scores, kinds, n / 10)
    assert numbers == [1, 2]


def test_a_weak_box_goes_on_with_a_track_and_begins_none() -> None:
    """A thing that is half hidden keeps its number; a weak box elsewhere gets none."""
    tracker = Tracker()
    assert tracker.numbers(boxes(0), np.array([0.9]), np.zeros(1), 0.0) == [1]
    assert tracker.numbers(boxes(0, 50), np.array([0.3, 0.3]), np.zeros(2), 0.1) == [1, None]


def test_other_classes_and_old_tracks_are_not_continued() -> None:
    """A box of another class in the same place, and one of the same class long after, are new things."""
    tracker = Tracker()
    tracker.numbers(boxes(0), np.array([0.9]), np.zeros(1), 0.0)
    assert tracker.numbers(boxes(0), np.array([0.9]), np.ones(1), 0.1) == [2]
    assert tracker.numbers(boxes(0), np.array([0.9]), np.zeros(1), 9.0) == [3]


def test_overlaps() -> None:
    """The same box 1, half of it 1/3, beside it 0."""
    assert np.allclose(overlaps(boxes(0), boxes(0, 5, 20)), [[1, 1 / 3, 0]])
