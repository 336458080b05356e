"""How often the truth lies where the model says: ROAS intervals over many generated worlds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.mmm.design import designed
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import posterior_of
from pipelines.mmm.sampling import drawn
from pipelines.mmm.specification import Model, Sampling
from pipelines.mmm.summary import HIGH, LOW
from pipelines.mmm.worlds import world

SAMPLING = Sampling(chains=2, draws=400, tune=400)
TRUE_CURVES = ("hill", "logistic")


@dataclass(frozen=True)
class Marked:
    """One world: the true ROAS of each channel, and the model's 90 % interval. covered: [C] of truths inside."""

    seed: int
    truth: Array
    low: Array
    high: Array

    @property
    def covered(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.asarray((self.low <= self.truth) & (self.truth <= self.high))


def marked_worlds(first: int, count: int, *, cores: int = 2, cache: Path | None = None, weeks: int = 156) -> Iterator[Marked]:
    """Worlds `first` to `first + count - 1`, each fitted with the default model; their true curves are hill and logistic in turn."""
    for seed in range(first, first + count):
        truth = world(seed, weeks=weeks, curve=TRUE_CURVES[seed % 2])
        design = designed(truth.market, Model())
        trace = drawn(design, SAMPLING, lambda *_: None, cores=cores, cache=cache)
        roas = posterior_of(design, trace.pooled).roas[:, 0]
        low, high = np.quantile(roas, [LOW, HIGH], axis=0)
        yield Marked(seed, truth.roas, low, high)
