"""/v1/experiments/{id}/start, /stop, /archive: draft → running → stopped → archived."""

from __future__ import annotations

from sqlalchemy import func

from api import audit
from api.experiments import running
from api.experiments.schemas import ExperimentOut, Stop
from api.experiments.views import experiment_out, routes
from api.schemas import ById
from core.errors import Conflict, InvalidInput
from tasks import experiment_changes
from tasks.experiment_records import find_experiment


@routes.on("POST", "/<uuid:id>/start", answers=ExperimentOut)
def start(path: ById) -> ExperimentOut:
    """Start a draft: from now on units are assigned."""
    with audit.change(f"experiment:{path.id}") as session:
        experiment = find_experiment(session, path.id, lock=True)
        experiment_changes.start(session, experiment)
        session.refresh(experiment)
        return experiment_out(session, experiment)


@routes.on("POST", "/<uuid:id>/stop", answers=ExperimentOut)
def stop(path: ById, body: Stop) -> ExperimentOut:
    """Stop a running experiment: nobody is assigned any more. Conversions in the metrics' windows still count."""
    with audit.change(f"experiment:{path.id}", winner=body.winner) as session:
        experiment = find_experiment(session, path.id, lock=True)
        known = [variant["key"] for variant in experiment.variants]
        if body.winner is not None and body.winner not in known:
            fault = {"pointer": "/winner", "detail": f"is no variant; they are {', '.join(known)}"}
            raise InvalidInput(f"There is no variant {body.winner!r} in this experiment", errors=[fault])
        experiment_changes.stop(session, experiment, body.winner)
        session.refresh(experiment)
        stopped = experiment_out(session, experiment)
    running.forget(path.id)
    return stopped


@routes.on("POST", "/<uuid:id>/archive", answers=ExperimentOut)
def archive(path: ById) -> ExperimentOut:
    """Put a stopped experiment away: SDKs get its feature no longer, its results stay."""
    with audit.change(f"experiment:{path.id}") as session:
        experiment = find_experiment(session, path.id, lock=True)
        if experiment.state != "stopped":
            raise Conflict(f"The experiment is {experiment.state}; only a stopped one can be archived")
        experiment.state, experiment.updated_at = "archived", func.clock_timestamp()
        session.flush()
        session.refresh(experiment)
        return experiment_out(session, experiment)
