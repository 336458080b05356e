"""The compiled density is PyMC's model, and its gradient is its derivative."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from pipelines.mmm.density import density_of
from pipelines.mmm.design import Design, designed
from pipelines.mmm.market import Market
from pipelines.mmm.parameters import layout_of
from pipelines.mmm.pymc_model import pymc_model
from pipelines.mmm.specification import LiftTest, Model
from pipelines.mmm.worlds import world


def geos(market: Market) -> Market:
    """The market as two geos that spend at different times, one of which never uses the second channel."""
    draw = np.random.default_rng(0)
    spend = np.concatenate([market.spend, 0.4 * market.spend * draw.uniform(0.2, 2.0, market.spend.shape)])
    spend[1, :, 1] = 0.0
    return Market(market.dates, market.channels, spend, np.concatenate([market.outcome, 0.3 * market.outcome]), ("north", "south"))


def design(adstock: str, saturation: str, *, several: bool) -> Design:
    market = world(1, channels=2, weeks=40).market
    day = market.dates[20]
    tests = [
        LiftTest(channel="search", start=day, end=day + timedelta(days=20), spend_delta=100, lift=50, standard_error=20),
        LiftTest(channel="social", start=day, end=day + timedelta(days=6), spend_delta=-900, lift=-500, standard_error=300),
    ]
    model = Model.model_validate({"adstock": adstock, "saturation": saturation, "yearly": 1, "lift_tests": tests})
    seen = np.ones(40)
    seen[[3, 38, 39]] = 0
    return designed(geos(market) if several else market, model, seen)


@pytest.mark.parametrize("adstock", ["geometric", "delayed"])
@pytest.mark.parametrize("saturation", ["logistic", "hill"])
@pytest.mark.parametrize("several", [False, True])
def test_the_gradient_is_the_derivative(adstock: str, saturation: str, several: bool, compiled: Path) -> None:
    """Against difference quotients, for every shape of the model, with lift tests and held-out weeks."""
    made = design(adstock, saturation, several=several)
    density, size = density_of(made, compiled), layout_of(made).size
    z = np.random.default_rng(2).normal(size=size) * 0.7
    _, gradient = density(z)
    quotients = [(density(z + step)[0] - density(z - step)[0]) / 2e-5 for step in 1e-5 * np.eye(size)]
    assert gradient == pytest.approx(quotients, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize(("adstock", "saturation", "several"), [("geometric", "tanh", False), ("delayed", "hill", True)])
def test_it_is_pymcs_density(adstock: str, saturation: str, several: bool, compiled: Path) -> None:
    """Values differ from PyMC's by the constant of the normal priors only, at several points."""
    made = design(adstock, saturation, several=several)
    size, model = layout_of(made).size, pymc_model(made)
    theirs = model.compile_logp(mode="FAST_COMPILE")
    names = [variable.name for variable in model.free_RVs]
    for z in np.random.default_rng(3).normal(size=(3, size)):
        point = {name: z[start : start + length] for name, (start, length) in layout_of(made).blocks.items() if name in names}
        value, _ = density_of(made, compiled)(z)
        assert value - theirs(point) == pytest.approx(size / 2 * np.log(2 * np.pi), rel=1e-9)
