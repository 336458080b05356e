"""Running experiments in the form that assigns, kept for a second, so that an assignment asks Postgres for nothing.

What this process changes it sees at once; what another changes (a bandit's update, a stop) within FRESH_SECONDS.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.errors import Conflict
from models import Experiment
from models.session import org_session
from pipelines.experiments.assignment import Split
from tasks.experiment_records import find_experiment, split_of, version_in_force

FRESH_SECONDS = 1.0
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Running:
    """values: of the variants by key. holdout: the experiment whose exposures are noted along, with its own version."""

    org_id: uuid.UUID
    id: uuid.UUID
    key: str
    version: int
    split: Split
    values: dict[str, Any]
    control: Any
    holdout: Running | None
    read_at: float


_kept: dict[tuple[uuid.UUID, uuid.UUID], Running] = {}
_lock = threading.Lock()


def running(org_id: uuid.UUID, experiment_id: uuid.UUID) -> Running:
    """Raises NotFound, also for another organisation's, and Conflict when it does not run."""
    found = _kept.get((org_id, experiment_id))
    if found is not None and time.monotonic() - found.read_at < FRESH_SECONDS:
        return found
    with org_session(org_id) as session:
        read = _read(session, find_experiment(session, experiment_id))
    with _lock:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[org_id, experiment_id] = read
    return read


def forget(experiment_id: uuid.UUID) -> None:
    """The experiment changed: read it, and those that lean on it, again."""
    with _lock:
        for place, one in list(_kept.items()):
            if one.id == experiment_id or (one.holdout is not None and one.holdout.id == experiment_id):
                del _kept[place]


def _read(session: Session, experiment: Experiment) -> Running:
    version = version_in_force(session, experiment) if experiment.state == "running" else None
    if version is None:
        raise Conflict(_why_not(experiment), hint="Start it." if experiment.state == "draft" else "Give everybody the winner's value.")
    holdout = session.get(Experiment, experiment.holdout_id) if experiment.holdout_id else None
    values = {one["key"]: one["key"] if one.get("value") is None else one["value"] for one in experiment.variants}
    return Running(
        org_id=experiment.org_id,
        id=experiment.id,
        key=experiment.key,
        version=version.number,
        split=split_of(session, experiment, version),
        values=values,
        control=values[experiment.variants[0]["key"]],
        holdout=_read(session, holdout) if holdout is not None and holdout.state == "running" else None,
        read_at=time.monotonic(),
    )


def _why_not(experiment: Experiment) -> str:
    if experiment.state == "draft":
        return f"Experiment {experiment.key!r} has not been started; nobody is assigned"
    decided = f"the winner is {experiment.winner!r}" if experiment.winner else "everybody gets the control"
    return f"Experiment {experiment.key!r} is {experiment.state}; nobody is assigned any more, {decided}"
