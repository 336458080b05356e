"""From events to paths: whatever the chunks, against a plain loop that does it the obvious way."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analytics.attribution.journeys import MOST_TOUCHES, Events, Journeys
from pipelines.analytics.attribution.models import attribute
from pipelines.analytics.attribution.paths import Paths

PLAYERS = ("a", "b", "c")
LOOKBACK, SINCE, HALF_LIFE = 20, 30, 10

Row = tuple[int, int, bool, int, int]  # person, at, converts, player, value

rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 99), st.booleans(), st.integers(-1, 2), st.integers(0, 50)), min_size=1, max_size=40
)


def in_order(found: list[Row]) -> list[Row]:
    """By person and time, touchpoints first; a touchpoint always has a player."""
    whole = ((p, at, c, player if c else max(player, 0), value if c else 0) for p, at, c, player, value in found)
    return sorted(whole, key=lambda row: row[:3])


def as_events(found: list[Row]) -> Events:
    person, at, converts, player, value = (np.array(column) for column in zip(*found, strict=True))
    return Events(person.astype(np.int64), at.astype(np.int64), player.astype(np.int64), converts.astype(bool), value.astype(float))


def walked(found: list[Row], size: int) -> Paths:
    journeys = Journeys(PLAYERS, since=SINCE, lookback=LOOKBACK, half_life=HALF_LIFE)
    for start in range(0, len(found), size):
        journeys.feed(as_events(found[start : start + size]))
    return journeys.paths()


def plain(found: list[Row]) -> tuple[Counter[tuple[str, str]], np.ndarray, float]:
    """(path, what became of it) counted, time-decay credit, unassigned: one person after another."""
    counts: Counter[tuple[str, str]] = Counter()
    decay, unassigned = np.zeros(3), 0.0
    for _, events in groupby(found, key=lambda row: row[0]):
        seen: list[Row] = []
        after_last: list[Row] = []
        for row in events:
            if not row[2]:
                seen.append(row)
                after_last.append(row)
                continue
            after_last = []
            if row[1] < SINCE:
                continue
            mine = [touch for touch in seen if touch[1] >= row[1] - LOOKBACK]
            if not mine and row[3] < 0:
                unassigned += 1
                continue
            counts["".join(PLAYERS[t[3]] for t in mine) or PLAYERS[row[3]], "conversions"] += 1
            weights = np.array([2.0 ** (-(row[1] - t[1]) / HALF_LIFE) for t in mine]) if mine else np.ones(1)
            for touch, weight in zip(mine or [row], weights / weights.sum(), strict=True):
                decay[touch[3]] += weight
        if after_last and after_last[-1][1] >= SINCE:
            lost = [touch for touch in after_last if touch[1] >= after_last[-1][1] - LOOKBACK]
            counts["".join(PLAYERS[t[3]] for t in lost), "losses"] += 1
    return counts, decay, unassigned


@given(rows, st.integers(1, 41))
@settings(max_examples=100, deadline=None)
def test_paths_against_a_plain_loop(found: list[Row], size: int) -> None:
    """Look-back, repeat purchases, losses, own channels and nobody's conversions, cut into chunks anywhere."""
    found = in_order(found)
    counts, decay, unassigned = plain(found)
    paths = walked(found, size)
    ours: Counter[tuple[str, str]] = Counter()
    for n in range(len(paths.conversions)):
        ours["".join(paths.path(n)), "conversions"] += int(paths.conversions[n])
        ours["".join(paths.path(n)), "losses"] += int(paths.losses[n])
    assert +ours == +counts
    assert paths.decayed.conversions.tolist() == pytest.approx(decay.tolist())
    assert paths.unassigned[0] == unassigned


@given(rows)
@settings(max_examples=30, deadline=None)
def test_all_models_and_the_unassigned_sum_to_the_window(found: list[Row]) -> None:
    """Conversions and revenue of the window, each counted once by each model."""
    found = in_order(found)
    paths = walked(found, 7)
    conversions = [row for row in found if row[2] and row[1] >= SINCE]
    for credit in attribute(paths).values():
        assert credit.conversions.sum() + paths.unassigned[0] == pytest.approx(len(conversions))
        assert credit.revenue.sum() + paths.unassigned[1] == pytest.approx(sum(row[4] for row in conversions))


def test_time_decay_by_hand() -> None:
    """Touchpoints one and two half-lives before weigh 1/2 and 1/4: two thirds and one third."""
    paths = walked(in_order([(1, 30, False, 0, 0), (1, 40, False, 1, 0), (1, 50, True, -1, 60)]), 10)
    assert paths.decayed.revenue.tolist() == pytest.approx([20, 40, 0])


def test_what_only_servers_know_is_counted_alone() -> None:
    """Conversions of nobody known belong to the channel they name, or to none."""
    journeys = Journeys(PLAYERS, since=0, lookback=1, half_life=1)
    journeys.add_alone(2, 4, 100.0)
    journeys.add_alone(-1, 3, 7.0)
    paths = journeys.paths()
    assert (paths.path(0), paths.conversions.tolist(), paths.unassigned) == (("c",), [4], (3, 7))


def test_a_machine_s_path_is_cut() -> None:
    """Of an endless path the last steps are kept, and the report can say so."""
    found = [(1, 40 + n // 100, False, 0, 0) for n in range(MOST_TOUCHES + 9)] + [(1, 60, True, -1, 1)]
    paths = walked(found, 100)
    assert (paths.lengths.tolist(), paths.shortened) == ([MOST_TOUCHES], 1)
