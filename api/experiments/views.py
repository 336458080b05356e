"""/v1/experiments: make, list, show, change, delete."""

from __future__ import annotations

import secrets
import uuid

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.experiments import running
from api.experiments.checking import check_draft, check_new, check_open, check_weights, columns_of
from api.experiments.schemas import ExperimentChange, ExperimentOut, ExperimentsQuery, NewExperiment
from api.openapi import Reply, Routes
from api.paging import page
from api.schemas import ById, Page
from core.errors import Conflict
from models import Experiment
from models.session import org_session
from tasks.experiment_changes import change_split
from tasks.experiment_records import find_experiment, open_version, shares_of

routes = Routes("experiments", "/v1/experiments", "A/B tests, bandits and holdouts: who sees what, and what it brings")

WHILE_RUNNING = frozenset({"name", "hypothesis", "weights", "coverage"})
AFTERWARDS = frozenset({"name", "hypothesis"})


@routes.on("POST", answers=ExperimentOut, status=201)
def create(body: NewExperiment) -> Reply:
    """Make an experiment; nobody is assigned before it is started."""
    experiment_id = uuid.uuid4()
    try:
        with audit.change(f"experiment:{experiment_id}", key=body.key, kind=body.kind) as session:
            check_new(session, body)
            made = experiment_out(session, _insert(session, experiment_id, body))
    except IntegrityError:
        raise Conflict(f"An experiment with the key {body.key!r} was made at the same moment") from None
    return Reply(made, 201, {"Location": f"/v1/experiments/{experiment_id}"})


def _insert(session: Session, experiment_id: uuid.UUID, body: NewExperiment) -> Experiment:
    columns = {**columns_of(body), "feature_key": body.feature_key or body.key}
    experiment = Experiment(id=experiment_id, org_id=caller().org_id, created_by=caller().user_id, seed=secrets.token_hex(8), **columns)
    session.add(experiment)
    session.flush()
    session.refresh(experiment)
    return experiment


@routes.on("GET", answers=Page[ExperimentOut])
def index(query: ExperimentsQuery) -> Page[ExperimentOut]:
    """Experiments, the newest first."""
    wanted = select(Experiment)
    for name in ("state", "kind", "campaign_id"):
        if (value := getattr(query, name)) is not None:
            wanted = wanted.where(getattr(Experiment, name) == value)
    with org_session(caller().org_id) as session:
        found, cursor = page(session, wanted, Experiment, query)
        return Page(items=[experiment_out(session, experiment) for experiment in found], next_cursor=cursor)


@routes.on("GET", "/<uuid:id>", answers=ExperimentOut)
def show(path: ById) -> ExperimentOut:
    """One experiment."""
    with org_session(caller().org_id) as session:
        return experiment_out(session, find_experiment(session, path.id))


@routes.on("PATCH", "/<uuid:id>", answers=ExperimentOut)
def update(path: ById, body: ExperimentChange) -> ExperimentOut:
    """Change an experiment. New weights or coverage of a running one make a new version that moves the fewest units."""
    with audit.change(f"experiment:{path.id}", changed=sorted(body.model_fields_set)) as session:
        experiment = find_experiment(session, path.id, lock=True)
        _check_state(experiment, body.model_fields_set)
        if body.weights is not None:
            check_weights(body.weights, len(body.variants or experiment.variants))
        if experiment.state == "draft":
            check_draft(session, experiment, body)
        _apply(session, experiment, body)
        session.flush()
        session.refresh(experiment)
        changed = experiment_out(session, experiment)
    running.forget(path.id)
    return changed


def _check_state(experiment: Experiment, wanted: set[str]) -> None:
    if experiment.state == "draft":
        return
    fixed = sorted(wanted - (WHILE_RUNNING if experiment.state == "running" else AFTERWARDS))
    if fixed:
        raise Conflict(f"The experiment is {experiment.state}: {', '.join(fixed)} cannot change now", hint="Make a new experiment.")
    if experiment.kind == "bandit" and "weights" in wanted:
        raise Conflict("A running bandit sets its weights itself", hint="Stop it, or change its coverage.")


def _apply(session: Session, experiment: Experiment, body: ExperimentChange) -> None:
    if experiment.state == "running" and {"weights", "coverage"} & body.model_fields_set:
        shares = body.weights or shares_of(experiment, open_version(session, experiment))
        coverage = experiment.coverage if body.coverage is None else body.coverage
        check_open(body.weights, coverage)
        change_split(session, experiment, shares, coverage, "weights or coverage were changed")
    for name, value in columns_of(body).items():
        if not (experiment.state == "running" and name == "coverage") and (
            value is not None or name in ("namespace", "holdout_id", "campaign_id")
        ):
            setattr(experiment, name, value)
    if experiment.state == "draft" and body.weights is not None:
        experiment.variants = [{**one, "weight": weight} for one, weight in zip(experiment.variants, body.weights, strict=True)]
    experiment.updated_at = func.clock_timestamp()


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Delete a draft. One that has run is a record; archive it."""
    with audit.change(f"experiment:{path.id}") as session:
        experiment = find_experiment(session, path.id, lock=True)
        if experiment.state != "draft":
            raise Conflict(f"The experiment is {experiment.state}; only a draft can be deleted", hint="Stop and archive it.")
        session.execute(delete_rows(Experiment).where(Experiment.id == path.id))
    return Reply(status=204)


def experiment_out(session: Session, experiment: Experiment) -> ExperimentOut:
    plain = {name: getattr(experiment, name) for name in ExperimentOut.model_fields if name != "shares"}
    return ExperimentOut.model_validate({**plain, "shares": shares_of(experiment, open_version(session, experiment))})
