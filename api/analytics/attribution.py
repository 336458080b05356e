"""/v1/analytics/attribution: what the latest run, or a given one, found."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, Literal

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.analytics.evidence import evidence, latest_fit
from api.analytics.performance import routes
from api.analytics.schemas import Attribution, AttributionQuery, Credited, Evidence
from api.auth.caller import caller
from api.csv_answer import csv_response
from core.errors import NotFound
from models import AttributionRun, Campaign
from models.session import org_session
from pipelines.analytics.attribution.words import MODELS


@routes.on("GET", "/attribution", answers=Attribution)
def attribution(query: AttributionQuery) -> Attribution | Response:
    """Seven models side by side, with the paths that people walked. `attribution.run` computes them."""
    found = attribution_for(query)
    return _as_csv(found) if query.format == "csv" else found


def attribution_for(query: AttributionQuery) -> Attribution:
    """The answer of the route, for its page too. Raises NotFound."""
    with org_session(caller().org_id) as session:
        run = _run(session, query.run_id)
        labels = _names(session, run.result["by"]["campaign"]["players"]) if query.by == "campaign" else {}
        fit = latest_fit(session) if query.by == "channel" else None
    return _shown(run, query.by, labels, evidence(fit) if fit else [])


def _run(session: Session, run_id: uuid.UUID | None) -> AttributionRun:
    runs = select(AttributionRun).order_by(AttributionRun.created_at.desc(), AttributionRun.id)
    found = session.execute(runs.where(AttributionRun.id == run_id) if run_id else runs.limit(1)).scalar_one_or_none()
    if found is None:
        hint = 'POST /v1/jobs {"kind": "attribution.run", "params": {"start": ..., "end": ...}} makes one.'
        raise NotFound(f"There is no attribution run {run_id}" if run_id else "No attribution has been computed yet", hint=hint)
    return found


def _shown(run: AttributionRun, by: Literal["channel", "campaign"], labels: dict[str, str], beside: list[Evidence]) -> Attribution:
    result = run.result["by"][by]
    return Attribution(
        run_id=run.id,
        job_id=run.job_id,
        created_at=run.created_at,
        params=run.params,
        currency=run.result["currency"],
        by=by,
        models=MODELS,
        rows=_rows(result, labels),
        totals=result["totals"],
        unassigned=result["unassigned"],
        paths=[{**path, "path": [labels.get(step, step) for step in path["path"]]} for path in result["paths"]],
        lengths=result["lengths"],
        shapley=result["shapley"],
        beside=beside,
    )


def _rows(result: dict[str, Any], labels: dict[str, str]) -> list[Credited]:
    """The players with the most revenue, then conversions, by the average of the models first."""

    def of(figure: str, player: int) -> dict[str, float]:
        return {model: columns[figure][player] for model, columns in result["models"].items()}

    rows = [
        Credited(key=key, label=labels.get(key, key), conversions=of("conversions", n), revenue=of("revenue", n))
        for n, key in enumerate(result["players"])
    ]
    return sorted(rows, key=lambda row: (-sum(row.revenue.values()), -sum(row.conversions.values()), row.key))


def _names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    wanted = [uuid.UUID(one) for one in ids if not one.startswith("(")]
    known = {str(row[0]): row[1] for row in session.execute(select(Campaign.id, Campaign.name).where(Campaign.id.in_(wanted)))}
    return {str(one): known.get(str(one), f"deleted campaign {one}") for one in wanted}


def _as_csv(found: Attribution) -> Response:
    models = list(found.models)
    header = [found.by, "label", *(f"{model}_conversions" for model in models), *(f"{model}_revenue" for model in models)]
    rows = [[row.key, row.label, *(row.conversions[m] for m in models), *(row.revenue[m] for m in models)] for row in found.rows]
    return csv_response(f"attribution-{found.by}-{found.created_at:%Y-%m-%d}.csv", header, rows)
