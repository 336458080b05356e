"""Run by `bench mmm` in an environment that has PyMC-Marketing: fits a market twice and tells how the second time went, as JSON."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from pymc_extras.prior import Prior
from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation
from pymc_marketing.mmm.multidimensional import MMM

LAGS, YEARLY = 8, 3


def main(path: Path) -> None:
    asked: dict[str, Any] = json.loads(path.read_text())
    market, priors, options = asked["market"], asked["priors"], asked["sampling"]
    channels = list(market["channels"])
    table = pd.DataFrame(market["spend"][0], columns=channels)
    table["date"] = pd.to_datetime(market["dates"])
    table["trend"] = [n / (len(table) - 1) - 0.5 for n in range(len(table))]
    outcome = pd.Series(market["outcome"][0], name="y")
    for _ in range(2):
        model = _model(channels, priors)
        trace = model.fit(table, outcome, cores=os.cpu_count(), random_seed=1, progressbar=False, **options)
    az: Any = importlib.import_module("arviz")
    names = [variable.name for variable in model.model.free_RVs]
    effective = min(float(values.min()) for values in az.ess(trace, var_names=names, method="bulk").data_vars.values())
    brought = trace.posterior["channel_contribution"].sum("date").stack(draw_=("chain", "draw")).transpose("draw_", "channel").values
    roas = brought * float(outcome.max()) / table[channels].sum().to_numpy()
    told = {
        "effective": effective,
        "seconds": float(trace.posterior.attrs["sampling_time"]),
        "roas": {"mean": roas.mean(axis=0).tolist(), "sd": roas.std(axis=0).tolist()},
    }
    sys.stdout.write(json.dumps(told) + "\n")


def _model(channels: list[str], priors: dict[str, Any]) -> Any:
    def each(distribution: str, name: str) -> Prior:
        return Prior(distribution, **priors[name], dims="channel")

    return MMM(
        date_column="date",
        target_column="y",
        channel_columns=channels,
        control_columns=["trend"],
        adstock=GeometricAdstock(l_max=LAGS, priors={"alpha": each("Beta", "alpha")}),
        saturation=LogisticSaturation(priors={"lam": each("LogNormal", "lam"), "beta": each("LogNormal", "beta")}),
        yearly_seasonality=YEARLY,
        model_config={
            "gamma_control": Prior("Normal", mu=0, sigma=priors["trend"], dims="control"),
            "gamma_fourier": Prior("Normal", mu=0, sigma=priors["season"], dims="fourier_mode"),
        },
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
