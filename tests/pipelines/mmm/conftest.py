"""A market with a known truth and a fit of it, once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.mmm.fit import Fit, fitted
from pipelines.mmm.specification import Holdout, Model, Sampling
from pipelines.mmm.worlds import World, world

SMALL = Sampling(chains=2, draws=250, tune=300)


@pytest.fixture(scope="session")
def compiled(state_dir: Path) -> Path:
    """Machine code of the density; workers of the same session find it there too."""
    return state_dir.resolve() / "compiled"


@pytest.fixture(scope="session")
def truth() -> World:
    """Three channels over two years."""
    return world(4, channels=3, weeks=104)


@pytest.fixture(scope="session")
def fit(truth: World, compiled: Path) -> Fit:
    return fitted(truth.market, Model(yearly=2), Holdout(), SMALL, lambda *_: None, cores=2, cache=compiled)
