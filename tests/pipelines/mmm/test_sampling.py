"""The sampler: progress, a stop, a warm start, the fallback."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput
from pipelines.mmm.design import Design, designed
from pipelines.mmm.fit import fitted
from pipelines.mmm.sampling import Stopped, drawn
from pipelines.mmm.specification import Holdout, LiftTest, Model, Sampling
from pipelines.mmm.trace_file import read_draws, write_trace
from pipelines.mmm.worlds import World


class Enough(Exception):
    pass


@pytest.fixture(scope="module")
def design(truth: World) -> Design:
    return designed(truth.market, Model(yearly=2))


def test_a_stop_comes_at_once_and_leaves_the_draws(design: Design, compiled: Path, tmp_path: Path) -> None:
    """What `tell` raises ends the sampler within a second; the draws so far are there, can be stored, and a new run starts from them."""
    stopped_at = 0.0

    def tell(at: float, _: str) -> None:
        nonlocal stopped_at
        if at > 0.05:
            stopped_at = time.monotonic()
            raise Enough

    with pytest.raises(Stopped) as caught:
        drawn(design, Sampling(chains=2, draws=5000, tune=300), tell, cores=2, cache=compiled)
    assert time.monotonic() - stopped_at < 1.0
    assert isinstance(caught.value.__cause__, Enough)
    partial = caught.value.trace
    assert partial is not None
    assert len(partial.pooled) > 100
    write_trace(tmp_path / "partial.nc", design, partial)
    draws = read_draws(tmp_path / "partial.nc")
    assert np.array_equal(draws, partial.pooled)
    told: list[float] = []
    warm = drawn(design, Sampling(chains=2, draws=100, tune=200), lambda at, _: told.append(at), cores=2, cache=compiled, start=draws)
    assert np.abs(warm.pooled.mean(axis=0)).max() < 6
    assert told == sorted(told)


def test_the_same_seed_gives_the_same_draws(design: Design, compiled: Path) -> None:
    """A fit can be repeated."""
    few = Sampling(chains=2, draws=50, tune=100)
    one, other = (drawn(design, few, lambda *_: None, cores=2, cache=compiled).z for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_test_that_no_market_can_agree_with_is_told(truth: World, compiled: Path) -> None:
    """Spend that took sales away, to a billionth: the draws run off, and the request is at fault, not the worker."""
    day = truth.market.dates[-1]
    test = LiftTest(channel="search", start=day, end=day, spend_delta=50, lift=-100, standard_error=1e-9)
    few, model = Sampling(chains=2, draws=60, tune=80), Model(yearly=1, lift_tests=[test])
    with pytest.raises(InvalidInput, match="contradicts itself or the data"):
        fitted(truth.market, model, Holdout(), few, lambda *_: None, cores=2, cache=compiled)
