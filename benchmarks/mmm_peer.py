"""Run by `bench mmm` in an environment that has PyMC-Marketing: fits a market twice and tells how the second time went, as JSON."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

LAGS, YEARLY = 8, 3


def main(path: Path) -> None:
    market: dict[str, Any] = json.loads(path.read_text())
    channels = list(market["channels"])
    table = pd.DataFrame(market["spend"][0], columns=channels)
    table["date"] = pd.to_datetime(market["dates"])
    table["trend"] = range(len(table))
    outcome = pd.Series(market["outcome"][0], name="y")
    options: dict[str, Any] = {"draws": 500, "tune": 500, "chains": 4, "cores": os.cpu_count(), "random_seed": 1, "progressbar": False}
    for _ in range(2):
        model: Any = MMM(
            date_column="date",
            channel_columns=channels,
            control_columns=["trend"],
            adstock=GeometricAdstock(l_max=LAGS),
            saturation=LogisticSaturation(),
            yearly_seasonality=YEARLY,
        )
        trace = model.fit(table, outcome, **options)
    az: Any = importlib.import_module("arviz")
    names = [variable.name for variable in model.model.free_RVs]
    effective = min(float(values.min()) for values in az.ess(trace, var_names=names, method="bulk").data_vars.values())
    sys.stdout.write(json.dumps({"effective": effective, "seconds": float(trace.posterior.attrs["sampling_time"])}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
