"""A trace as a NetCDF file in ArviZ's layout, for notebooks, and back for a warm start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pipelines.mmm.decomposition import decomposed, forecast
from pipelines.mmm.design import Design
from pipelines.mmm.market import Array
from pipelines.mmm.parameters import posterior_of
from pipelines.mmm.sampling import Trace

PREDICTIVE_DRAWS = 200


def write_trace(path: Path, design: Design, trace: Trace) -> None:
    """Groups: posterior (named quantities and z), prior (of ROAS), posterior_predictive, sample_stats, observed_data, constant_data."""
    import arviz

    chains, draws, _ = trace.z.shape
    posterior = posterior_of(design, trace.pooled)
    market = design.market

    def by_chain(values: Array) -> Array:
        return values.reshape(chains, draws, *values.shape[1:])

    named = {
        name: by_chain(getattr(posterior, name))
        for name in ("roas", "carryover", "delay", "half", "slope", "level", "noise", "coefficient")
    }
    chosen = posterior_of(design, trace.pooled[np.unique(np.linspace(0, chains * draws - 1, PREDICTIVE_DRAWS).astype(int))])
    predictive = forecast(chosen, decomposed(chosen, chosen.heights()), 1)
    prior = np.exp(design.roas.mean + design.roas.spread * np.random.default_rng(1).standard_normal((1, 1000, *design.ratio.shape)))
    data = arviz.from_dict(
        posterior={**named, "z": trace.z},
        prior={"roas": prior},
        posterior_predictive={"outcome": predictive[None]},
        sample_stats={"diverging": trace.diverging},
        observed_data={"outcome": market.outcome},
        constant_data={"spend": market.spend},
        coords={
            "geo": list(market.geos),
            "channel": list(market.channels),
            "date": [str(day) for day in market.dates],
            "column": [f"{c.group}: {c.name}" for c in design.columns],
        },
        dims=_DIMS,
        attrs={"sampler": trace.sampler, "tuned": int(trace.tuned), "sampling_seconds": trace.seconds},
    )
    data.to_netcdf(str(path), engine="h5netcdf")


_DIMS = {
    "roas": ["geo", "channel"],
    "carryover": ["channel"],
    "delay": ["channel"],
    "half": ["channel"],
    "slope": ["channel"],
    "level": ["geo"],
    "noise": ["geo"],
    "coefficient": ["column"],
    "outcome": ["geo", "date"],
    "spend": ["geo", "date", "channel"],
}


def read_draws(path: Path) -> Array:
    """z [N, size] of a trace that was written here."""
    import h5netcdf

    with h5netcdf.File(path, "r") as file:
        z: Any = file["posterior"]["z"][...]
    return np.asarray(z).reshape(-1, z.shape[-1])
