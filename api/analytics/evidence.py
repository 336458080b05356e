"""What marketing mix models and experiments say about the channels that attribution speaks of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from api.analytics.schemas import Evidence
from models import MmmFit

SPREAD_90 = 1.645  # standard errors to each side of a normal 90 % interval


def latest_fit(session: Session) -> MmmFit | None:
    """The latest complete one, with no more than evidence is made of."""
    latest = select(MmmFit).where(MmmFit.state == "complete").order_by(MmmFit.finished_at.desc(), MmmFit.id).limit(1)
    return session.execute(latest.options(defer(MmmFit.market), defer(MmmFit.planner))).scalar_one_or_none()


def evidence(fit: MmmFit) -> list[Evidence]:
    """Each channel's contribution and return, and the lift tests that calibrated the fit."""
    return [*_modelled(fit), *_tested(fit)]


def _modelled(fit: MmmFit) -> list[Evidence]:
    found = []
    for entry in (fit.results or {}).get("channels", []):
        for figure in ("contribution", "roas"):
            numbers = {name: entry[figure][name] for name in ("median", "low", "high")}
            said = f"{fit.name}: {fit.grade}" if fit.grade else fit.name
            found.append(Evidence(channel=entry["name"], source="mix model", figure=figure, says=said, **numbers))
    return found


def _tested(fit: MmmFit) -> list[Evidence]:
    tests: list[dict[str, Any]] = fit.request.get("model", {}).get("lift_tests", [])
    return [
        Evidence(
            channel=test["channel"],
            source="experiment",
            figure="lift",
            says=f"{test['start']} to {test['end']}",
            median=test["lift"],
            low=test["lift"] - SPREAD_90 * test["standard_error"],
            high=test["lift"] + SPREAD_90 * test["standard_error"],
        )
        for test in tests
    ]
