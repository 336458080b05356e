"""/experiments: all of them, a new one, and one with its readings."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request

from api.experiments import records, results, views
from api.experiments.results_schema import MetricOut, ResultsOut
from api.experiments.schemas import DecisionsQuery, ExperimentOut, ExperimentsQuery, ResultsQuery
from api.pages.experiment_charts import charts_of
from api.pages.frame import queried, routes, show
from api.schemas import ById
from core.errors import SampleRatioMismatch

FEWEST, MOST = 2, 6
DECISIONS = 20
VERSIONS = 500


@routes.get("/experiments")
def experiments() -> str:
    query = queried(ExperimentsQuery)
    return show("experiments.html", page=views.index(query), query=query)


@routes.get("/experiments/new")
def new_experiment() -> str:
    asked = request.args.get("variants", "")
    variants = min(max(int(asked), FEWEST), MOST) if asked.isdecimal() and len(asked) < 3 else FEWEST
    return show("experiment_new.html", variants=variants, choices=range(FEWEST, MOST + 1))


@routes.get("/experiments/<uuid:id>")
def experiment(id: uuid.UUID) -> str:
    path = ById(id=id)
    found = views.show(path)
    values: dict[str, Any] = {"experiment": found, "results": None, "mismatch": None, "shown": None, "charts": []}
    if found.state != "draft":
        values |= _readings(path, found)
    return show(
        "experiment.html",
        **values,
        decisions=records.decisions(path, DecisionsQuery(limit=DECISIONS)).items if found.kind == "bandit" else [],
    )


def _readings(path: ById, found: ExperimentOut) -> dict[str, Any]:
    """A mismatch is told above the readings, which are shown all the same: somebody has to look into it."""
    mismatch = None
    try:
        read = results.results(path, ResultsQuery())
    except SampleRatioMismatch as error:
        mismatch = error
        read = results.results(path, ResultsQuery(despite_mismatch=True))
    shown = _chosen(read, request.args.get("metric", ""))
    versions = records.last_versions(path, VERSIONS)
    return {"results": read, "mismatch": mismatch, "shown": shown, "charts": charts_of(shown, found.kind, versions)}


def _chosen(read: ResultsOut, key: str) -> MetricOut:
    """The metric that the address names, else the primary."""
    named = next((metric for metric in read.metrics if metric.key == key), None)
    return named or next((metric for metric in read.metrics if metric.role == "primary"), read.metrics[0])
