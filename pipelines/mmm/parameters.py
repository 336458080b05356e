"""The model's parameters: one vector of standard normals in, named quantities out.

Every prior is a transform of a standard normal, so the sampler sees one vector z ~ N(0, I) whatever the model: log ROAS, logit
carry-over, log half-saturation and so on are `mean + spread · z` (non-centred), which keeps the geometry near a sphere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.mmm import beliefs
from pipelines.mmm.adstock import delayed_weights, geometric_weights
from pipelines.mmm.design import Design
from pipelines.mmm.market import Array
from pipelines.mmm.saturation import saturated


@dataclass(frozen=True)
class Layout:
    """Where each block of z stands, in order."""

    blocks: Mapping[str, tuple[int, int]]  # start, length

    @property
    def size(self) -> int:
        return sum(length for _, length in self.blocks.values())

    def of(self, z: Array, block: str) -> Array:
        """The block of [D, size]; [D, length]."""
        start, length = self.blocks[block]
        return z[:, start : start + length]


def layout_of(design: Design) -> Layout:
    """Blocks that a model has not got have length 0."""
    geos, _, channels, columns = design.shape
    several = geos > 1
    lengths = {
        "roas": channels,
        "carryover": channels,
        "half": channels,
        "delay": channels if design.model.adstock == "delayed" else 0,
        "slope": channels if design.model.saturation == "hill" else 0,
        "coefficient": columns,
        "level": geos,
        "noise": geos,
        "geo_spread": channels if several else 0,
        "geo": geos * channels if several else 0,
    }
    starts = np.cumsum([0, *lengths.values()])
    return Layout({name: (int(start), length) for (name, length), start in zip(lengths.items(), starts, strict=False)})


@dataclass(frozen=True)
class Posterior:
    """D draws. Scaled quantities are in shares of a geo's average outcome, spend in shares of the channel's average."""

    design: Design
    z: Array  # [D, size]
    roas: Array  # [D, G, C]
    carryover: Array  # [D, C]
    delay: Array  # [D, C], 0 where geometric
    half: Array  # [D, C], scaled
    slope: Array  # [D, C], 1 where it is no hill
    coefficient: Array  # [D, P], scaled
    level: Array  # [D, G], the average outcome, scaled
    noise: Array  # [D, G], scaled

    def weights(self) -> Array:
        """Adstock weights [D, C, L]."""
        lags = self.design.lag_count
        if self.design.model.adstock == "delayed":
            return delayed_weights(self.carryover, self.delay, lags)
        return geometric_weights(self.carryover, lags)

    def heights(self) -> Array:
        """Saturation reached in each period: [D, C, G, T]."""
        stocks = np.einsum("cgtl,dcl->dcgt", self.design.lags, self.weights(), optimize=True)
        return saturated(self.design.model.saturation, stocks, self.half[:, :, None, None], self.slope[:, :, None, None])

    def ceilings(self, heights: Array) -> Array:
        """Outcome a period that a channel brings in a geo at full saturation, in outcome: [D, G, C]."""
        mean = np.moveaxis(heights.mean(axis=3), 1, 2)
        spent = self.design.market.spend.mean(axis=1)
        return np.asarray(np.divide(self.roas * spent, mean, out=np.zeros_like(self.roas), where=mean > 1e-12))


def posterior_of(design: Design, z: Array) -> Posterior:
    """The named quantities of draws [D, size]."""
    layout = layout_of(design)
    draws, (geos, _, channels, _) = len(z), design.shape
    log_roas = (design.roas.mean + design.roas.spread * layout.of(z, "roas"))[:, None, :]
    if geos > 1:
        spread = np.exp(beliefs.GEO_SPREAD[0] + beliefs.GEO_SPREAD[1] * layout.of(z, "geo_spread"))
        log_roas = log_roas + spread[:, None, :] * layout.of(z, "geo").reshape(draws, geos, channels)
    else:
        log_roas = np.repeat(log_roas, geos, axis=1)
    absent = np.zeros((draws, channels))
    delay, slope = layout.of(z, "delay"), layout.of(z, "slope")
    return Posterior(
        design=design,
        z=z,
        roas=np.exp(log_roas),
        carryover=1.0 / (1.0 + np.exp(-(design.carryover.mean + design.carryover.spread * layout.of(z, "carryover")))),
        delay=np.exp(design.delay[0] + design.delay[1] * delay) if delay.size else absent,
        half=np.exp(beliefs.HALF[0] + beliefs.HALF[1] * layout.of(z, "half")),
        slope=np.exp(beliefs.SLOPE[0] + beliefs.SLOPE[1] * slope) if slope.size else absent + 1.0,
        coefficient=design.coefficient_spread * layout.of(z, "coefficient"),
        level=1.0 + beliefs.LEVEL_SPREAD * layout.of(z, "level"),
        noise=np.exp(design.noise_mean + beliefs.NOISE_SPREAD * layout.of(z, "noise")),
    )
