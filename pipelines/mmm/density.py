"""The log density of z given the data, with its gradient, compiled once a machine.

It is the model of `pymc_model.py` written out (`kernel.py`), and a test holds the two together for every shape. One function
serves every market and model: a PyMC model of this size takes about a minute to compile through PyTensor and Numba, once for
each structure, and its gradient takes several times as long to evaluate.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.mmm import beliefs
from pipelines.mmm.design import Design
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import layout_of

Density = Callable[..., tuple[float, Array]]


def density_of(design: Design, cache: Path | None = None) -> Density:
    """`density(z) -> (log density up to a constant, gradient [size])`. cache: a folder for the machine code, kept between runs.

    The function lets go of the interpreter's lock while it computes, so chains run in parallel threads.
    """
    kernel, arguments = _kernel(cache), _arguments(design, cache)

    def density(z: Array, **_: Any) -> tuple[float, Array]:
        gradient = np.empty_like(z)
        return kernel.log_density(z, gradient, *arguments), gradient

    return density


@functools.cache
def _kernel(cache: Path | None) -> Any:
    """The folder of the first call in a process is the one that counts."""
    import numba

    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        numba.config.CACHE_DIR = str(cache)
    from pipelines.mmm import kernel

    return kernel


def _arguments(design: Design, cache: Path | None) -> tuple[Any, ...]:
    """Of `kernel.log_density` after the gradient."""
    kernel, lifts = _kernel(cache), design.lifts
    starts = {name: start for name, (start, _) in layout_of(design).blocks.items()}
    adstock = kernel.DELAYED if design.model.adstock == "delayed" else kernel.GEOMETRIC
    saturation = kernel.HILL if design.model.saturation == "hill" else kernel.TANH
    shapes = [
        *design.delay,
        *beliefs.HALF,
        *beliefs.SLOPE,
        *beliefs.GEO_SPREAD,
        design.noise_mean,
        beliefs.NOISE_SPREAD,
        beliefs.LEVEL_SPREAD,
    ]
    arrays = (
        np.array([starts[name] for name in kernel.Starts._fields], dtype=np.int64),
        np.array([adstock, saturation], dtype=np.int64),
        design.outcome,
        design.seen,
        design.regressors,
        design.lags,
        design.ratio,
        np.stack([design.roas.mean, design.roas.spread]),
        np.stack([design.carryover.mean, design.carryover.spread]),
        np.array(shapes),
        design.coefficient_spread,
        np.stack([lifts.test, lifts.geo, lifts.period]),
        lifts.without,
        design.outcome_scale[lifts.geo],
        lifts.channel,
        lifts.lift,
        lifts.error,
    )
    return tuple(np.ascontiguousarray(array) for array in arrays)
