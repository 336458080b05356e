"""Attribution against values worked out by hand and against the definitions, computed the long way."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analytics.attribution.markov import chain_of, markov
from pipelines.analytics.attribution.models import attribute
from pipelines.analytics.attribution.paths import Credit, Paths, paths_of
from pipelines.analytics.attribution.rules import first_touch, last_touch, linear, position_based
from pipelines.analytics.attribution.shapley import shapley

# Three people walked these; the last two did not convert. Worked out by hand below.
SMALL = paths_of([("abc", 1, 90.0, 0), ("a", 0, 0.0, 1), ("bc", 0, 0.0, 1)])

walks = st.lists(
    st.tuples(st.text("abcd", min_size=1, max_size=6), st.integers(0, 5), st.integers(0, 500), st.integers(0, 9)), min_size=1, max_size=12
).filter(lambda rows: all(row[1] + row[3] > 0 for row in rows))


def shares(credit: Credit, paths: Paths) -> dict[str, float]:
    return dict(zip(paths.players, credit.conversions.round(9).tolist(), strict=True))


def test_rules_by_hand() -> None:
    """One conversion worth 90 after a, b, c."""
    assert shares(first_touch(SMALL), SMALL) == {"a": 1, "b": 0, "c": 0}
    assert shares(last_touch(SMALL), SMALL) == {"a": 0, "b": 0, "c": 1}
    assert linear(SMALL).revenue.tolist() == pytest.approx([30, 30, 30])
    assert position_based(SMALL).revenue.tolist() == pytest.approx([36, 18, 36])
    assert position_based(SMALL, 0.5, 0.1).revenue.tolist() == pytest.approx([45, 36, 9])


def test_position_based_on_short_paths() -> None:
    """One step takes all; two share by their ends' shares, and evenly where neither end has any."""
    two = paths_of([("ab", 1, 10.0, 0), ("c", 1, 10.0, 0)])
    assert position_based(two, 0.6, 0.2).revenue.tolist() == pytest.approx([7.5, 2.5, 10])
    assert position_based(two, 0.0, 0.0).revenue.tolist() == pytest.approx([5, 5, 10])


def test_markov_by_hand() -> None:
    """P(conversion) is 1/3; without a it is 1/6, without b or c nothing: removal effects 1/2, 1 and 1, so 0.2, 0.4 and 0.4."""
    chain = chain_of(SMALL, 1)
    assert chain.begin.tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert markov(SMALL).conversions.tolist() == pytest.approx([0.2, 0.4, 0.4])
    assert markov(SMALL).revenue.tolist() == pytest.approx([18, 36, 36])


def test_markov_remembers() -> None:
    """b leads on only after a: order 1 mixes the two kinds of b, order 2 sees that without a nothing converts."""
    paths = paths_of([("ab", 10, 10.0, 0), ("b", 0, 0.0, 10)])
    assert markov(paths, 1).conversions.tolist() != pytest.approx([5, 5])
    assert markov(paths, 2).conversions.tolist() == pytest.approx([5, 5])


@pytest.mark.parametrize("order", [0, 5])
def test_an_impossible_order_is_refused(order: int) -> None:
    """Orders are 1 to 4."""
    with pytest.raises(ValueError, match="1 to 4"):
        markov(SMALL, order)


def lost_without(paths: Paths, removed: int, order: int) -> float:
    """The removal effect from the walks of the chain themselves, summed step by step instead of solved."""
    chain = chain_of(paths, order)
    matrix = chain.inner.toarray()
    found = []
    for kept in (np.ones(len(chain.last)), (chain.last != removed).astype(float)):
        here, converted = chain.begin * kept, 0.0
        for _ in range(400):
            converted += float(here @ chain.convert)
            here = (here @ matrix) * kept
        found.append(converted)
    return 1 - found[1] / found[0]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_markov_against_stepping_through_the_chain(order: int) -> None:
    """Solving for the expected visits gives what walking the chain gives, with repeats and loops."""
    paths = paths_of([("aab", 3, 9.0, 2), ("bca", 1, 5.0, 4), ("cc", 2, 1.0, 5), ("abcab", 1, 2.0, 0), ("b", 0, 0.0, 7)])
    effects = np.array([lost_without(paths, player, order) for player in range(3)])
    assert markov(paths, order).conversions.tolist() == pytest.approx((effects / effects.sum() * 7).tolist())


def worth(paths: Paths, coalition: set[int], figures: np.ndarray) -> float:
    """Conversions of the paths that need nobody outside the coalition."""
    inside = [set(paths.steps[paths.starts[n] : paths.starts[n + 1]].tolist()) <= coalition for n in range(len(figures))]
    return float(figures[inside].sum())


@given(walks)
@settings(max_examples=15, deadline=None)
def test_shapley_against_its_definition(rows: list[tuple[str, int, int, int]]) -> None:
    """The average of what a player adds over every order in which the players could come."""
    paths = paths_of(rows)
    orders = list(permutations(range(len(paths.players))))
    for figures, ours in ((paths.conversions, shapley(paths).conversions), (paths.revenue, shapley(paths).revenue)):
        brute = np.zeros(len(paths.players))
        for one in orders:
            for place, player in enumerate(one):
                brute[player] += worth(paths, set(one[: place + 1]), figures) - worth(paths, set(one[:place]), figures)
        assert ours.tolist() == pytest.approx((brute / len(orders)).tolist())


def test_shapley_of_many_channels_is_exact() -> None:
    """Forty channels: more than coalitions could ever be walked through."""
    names = [f"channel {n}" for n in range(40)]
    paths = paths_of([(names, 40, 80.0, 0), (names[:2], 2, 2.0, 0)])
    assert shapley(paths).conversions[:3].tolist() == pytest.approx([2, 2, 1])


@given(walks, st.integers(1, 4), st.floats(0, 0.5), st.floats(0, 0.5))
@settings(max_examples=40, deadline=None)
def test_every_model_sums_to_the_total(rows: list[tuple[str, int, int, int]], order: int, first: float, last: float) -> None:
    """Whatever was walked, no model invents or loses a conversion, and none takes any away."""
    paths = paths_of(rows)
    if not paths.conversions.sum():
        return
    for name, credit in attribute(paths, order=order, first_share=first, last_share=last).items():
        if name == "time_decay":
            continue  # needs times: see test_journeys.py
        assert credit.conversions.sum() == pytest.approx(paths.conversions.sum()), name
        assert credit.revenue.sum() == pytest.approx(paths.revenue.sum()), name
        assert (credit.conversions >= 0).all() and (credit.revenue >= 0).all()


def test_no_paths_at_all() -> None:
    """Nothing walked, nothing to share."""
    for credit in attribute(paths_of([])).values():
        assert credit.conversions.sum() == 0
