"""The fallback: PyMC's own NUTS on the same model."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from pipelines.mmm.design import Design
from pipelines.mmm.parameters import layout_of
from pipelines.mmm.pymc_model import pymc_model
from pipelines.mmm.sampling import Stopped, Tell, Trace
from pipelines.mmm.specification import Sampling


def drawn_by_pymc(design: Design, sampling: Sampling, tell: Tell) -> Trace:
    """As `sampling.drawn`; one chain after the other in this process, since a worker's child may start no others."""
    import pymc as pm

    tell(0.0, "compiles the model with PyMC")
    kept: list[list[Any]] = [[] for _ in range(sampling.chains)]
    whole, begun = sampling.chains * (sampling.tune + sampling.draws), time.monotonic()
    blocks = [name for name, (_, length) in layout_of(design).blocks.items() if length]
    done = 0

    def on_draw(trace: Any, draw: Any) -> None:
        nonlocal done
        done += 1
        if not draw.tuning:
            kept[draw.chain].append(np.concatenate([np.atleast_1d(draw.point[name]).ravel() for name in blocks]))
        tell(done / whole, f"draw {done:,} of {whole:,}")

    try:
        with pymc_model(design):
            result = pm.sample(
                draws=sampling.draws,
                tune=sampling.tune,
                chains=sampling.chains,
                cores=1,
                random_seed=sampling.seed,
                progressbar=False,
                compute_convergence_checks=False,
                callback=on_draw,
            )
    except BaseException as stopped:
        raise Stopped(design, _partial(kept, time.monotonic() - begun)) from stopped
    z = np.concatenate([result.posterior[name].values for name in blocks], axis=2)
    return Trace(z, result.sample_stats["diverging"].values, "pymc", time.monotonic() - begun)


def _partial(kept: list[list[Any]], seconds: float) -> Trace | None:
    chains = [np.array(draws) for draws in kept if draws]
    if not chains:
        return None
    last = min(len(chain) for chain in chains)
    z = np.stack([chain[:last] for chain in chains])
    return Trace(z, np.zeros(z.shape[:2], dtype=bool), "pymc", seconds)
