"""A fit and a plan as their jobs leave them, put there for tests of the routes that show them."""

from __future__ import annotations

import uuid
from typing import Any

from models import MmmFit, MmmPlan
from tests.api import rows

CHANNELS = ("search", "social")
FIGURE = {"mean": 2.0, "median": 2.0, "low": 1.0, "high": 3.0}


def results() -> dict[str, Any]:
    dates = ["2026-01-05", "2026-01-12"]
    line = {"mean": [10.0, 12.0], "low": [9.0, 11.0], "high": [11.0, 13.0]}
    part = {"mean": [5.0, 6.0], "low": [4.0, 5.0], "high": [6.0, 7.0]}
    channel = {
        **dict.fromkeys(
            ("contribution", "share_of_outcome", "roas", "marginal_roas", "prior_roas", "carryover", "saturation_point"), FIGURE
        ),
        "spend": 20.0,
        "share_of_spend": 0.5,
        "current_spend": 10.0,
        "highest_spend": 12.0,
        "prior_overlap": 0.3,
        "tested": False,
    }
    kinds = [("baseline", "other"), *((name, "channel") for name in CHANNELS)]
    return {
        "outcome": "revenue",
        "currency": "EUR",
        "period": "week",
        "dates": dates,
        "actual": [10.0, 12.5],
        "prediction": line,
        "parts": [{"name": name, "kind": kind, **part} for name, kind in kinds],
        "channels": [{"name": name, **channel} for name in CHANNELS],
        "curves": [{"channel": name, "spend": [0.0, 10.0], "highest_spend": 12.0, **part} for name in CHANNELS],
        "convergence": {"r_hat": 1.001, "ess_bulk": 900.0, "ess_tail": 900.0, "divergences": 0, "draws": 2000},
        "holdout": None,
        "verdict": {"grade": "weak", "summary": "Weak: untested.", "reasons": [{"grade": "weak", "detail": "untested"}]},
    }


def planner() -> dict[str, Any]:
    """Two draws of a market in which search reaches 100 and social 50 a week, half of it at a spend of 10."""
    return {
        "channels": list(CHANNELS),
        "saturation": "logistic",
        "adstock": "geometric",
        "lag_count": 2,
        "ceiling": [[[100.0, 50.0]], [[110.0, 55.0]]],
        "carryover": [[0.5, 0.5]] * 2,
        "delay": [[0.0, 0.0]] * 2,
        "half": [[1.0, 1.0]] * 2,
        "slope": [[1.0, 1.0]] * 2,
        "spend_scale": [[10.0, 10.0]],
        "split": [[1.0, 1.0]],
        "past": [[[5.0, 5.0]]],
        "highest": [12.0, 12.0],
        "recent": [10.0, 10.0],
    }


def fit(org_id: uuid.UUID, **changes: Any) -> str:
    values = {"name": "Mix", "request_hash": uuid.uuid4().hex, "state": "complete", "grade": "weak", "market": {"currency": "EUR"}}
    made = {"results": results(), "planner": planner()}
    return rows.add(MmmFit(org_id=org_id, **(values | made | changes)))


def plan(org_id: uuid.UUID, fit_id: str) -> str:
    spent = zip(CHANNELS, (60.004, 40.0), (100.0 / 3, 200.0 / 3 + 0.004), strict=True)
    channels = [
        {"name": name, "before": before, "after": after, "outcome_before": FIGURE, "outcome_after": FIGURE, "marginal_roas": 1.0}
        for name, before, after in spent
    ]
    result = {
        "periods": 13,
        "total": 100.004,
        "channels": channels,
        "before": FIGURE,
        "after": FIGURE,
        "gain": {**FIGURE, "probability": 0.8},
    }
    return rows.add(MmmPlan(org_id=org_id, fit_id=uuid.UUID(fit_id), name="Autumn", result=result))
