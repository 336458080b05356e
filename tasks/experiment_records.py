"""Experiments as the pure rooms take them: rows read, their JSON as models, the split that is in force."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import InvalidInput, NotFound
from models import Experiment, ExperimentVersion
from pipelines.experiments.assignment import Filter, Split
from pipelines.experiments.contrast import Design
from pipelines.experiments.design import Bandit, Metric, Plan, Variant, weights
from pipelines.experiments.features import holdout_filter, namespace_filter
from pipelines.experiments.split import Piece, weights_of


def find_experiment(session: Session, experiment_id: uuid.UUID, *, lock: bool = False) -> Experiment:
    """Raises NotFound, also for one of another organisation. lock: until the end of the transaction."""
    wanted = select(Experiment).where(Experiment.id == experiment_id)
    found = session.execute(wanted.with_for_update(key_share=True) if lock else wanted).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no experiment {experiment_id}")
    return found


def variants_of(experiment: Experiment) -> list[Variant]:
    return [Variant.model_validate(one) for one in experiment.variants]


def metrics_of(experiment: Experiment) -> list[Metric]:
    return [Metric.model_validate(one) for one in experiment.metrics]


def metric_of(experiment: Experiment, key: str | None) -> Metric:
    """The metric of that key; without one the primary. Raises InvalidInput naming the known ones."""
    metrics = metrics_of(experiment)
    wanted = [metric for metric in metrics if metric.key == key or (key is None and metric.role == "primary")]
    if not wanted:
        known = ", ".join(metric.key for metric in metrics) or "none"
        fault = {"pointer": "/query/metric", "detail": "is no metric of this experiment"}
        raise InvalidInput(f"There is no metric {key!r} in this experiment; it has {known}", errors=[fault])
    return wanted[0]


def bandit_of(experiment: Experiment) -> Bandit:
    return Bandit.model_validate(experiment.bandit)


def versions_of(session: Session, experiment_id: uuid.UUID) -> list[ExperimentVersion]:
    """Every split it had, the first one first."""
    wanted = select(ExperimentVersion).where(ExperimentVersion.experiment_id == experiment_id)
    return list(session.execute(wanted.order_by(ExperimentVersion.number)).scalars())


def latest_versions(session: Session, experiment_id: uuid.UUID, most: int) -> list[ExperimentVersion]:
    """The last splits it had, the newest first."""
    wanted = select(ExperimentVersion).where(ExperimentVersion.experiment_id == experiment_id)
    return list(session.execute(wanted.order_by(ExperimentVersion.number.desc()).limit(most)).scalars())


def version_in_force(session: Session, experiment: Experiment) -> ExperimentVersion | None:
    """None before the start."""
    wanted = select(ExperimentVersion).where(
        ExperimentVersion.experiment_id == experiment.id, ExperimentVersion.number == experiment.version
    )
    return session.execute(wanted).scalar_one_or_none()


def open_version(session: Session, experiment: Experiment) -> ExperimentVersion | None:
    """The split in force; while nobody takes part (a coverage of 0) the last one that let anybody in, to which it may return."""
    wanted = select(ExperimentVersion).where(
        ExperimentVersion.experiment_id == experiment.id,
        ExperimentVersion.number <= experiment.version,
        func.jsonb_array_length(ExperimentVersion.pieces) > 0,
    )
    return session.execute(wanted.order_by(ExperimentVersion.number.desc()).limit(1)).scalar_one_or_none()


def pieces_of(version: ExperimentVersion) -> tuple[Piece, ...]:
    return tuple((float(start), float(end), int(variant)) for start, end, variant in version.pieces)


def split_of(session: Session, experiment: Experiment, version: ExperimentVersion) -> Split:
    """What assignment needs of a running experiment, its holdout and its namespace included."""
    return Split(
        seed=experiment.seed,
        variants=tuple(variant["key"] for variant in experiment.variants),
        pieces=pieces_of(version),
        attribute=experiment.hash_attribute,
        condition=experiment.condition,
        filters=_filters(session, experiment),
    )


def _filters(session: Session, experiment: Experiment) -> tuple[Filter, ...]:
    found: list[Filter] = []
    if experiment.namespace:
        named: dict[str, Any] = experiment.namespace
        found.append(namespace_filter(named["id"], named["start"], named["end"], experiment.hash_attribute))
    holdout = session.get(Experiment, experiment.holdout_id) if experiment.holdout_id else None
    version = version_in_force(session, holdout) if holdout is not None and holdout.state == "running" else None
    if holdout is not None and version is not None:
        found.append(holdout_filter(split_of(session, holdout, version)))
    return tuple(found)


def design_of(experiment: Experiment, shares: Sequence[float], metrics: Sequence[Metric] = ()) -> Design:
    """What a reading needs. shares: of the variants among the units in the experiment."""
    return Design(
        variants=tuple(variant["key"] for variant in experiment.variants),
        weights=tuple(shares),
        plan=Plan.model_validate(experiment.plan),
        adaptive=experiment.kind == "bandit",
        metrics=tuple(metrics or metrics_of(experiment)),
    )


def shares_of(experiment: Experiment, version: ExperimentVersion | None) -> list[float]:
    """The variants' shares: those of `open_version`, or those that were asked for before the start. They sum to 1."""
    asked = weights(variants_of(experiment))
    lengths = weights_of(pieces_of(version), len(asked)) if version is not None else asked
    total = sum(lengths)
    return [length / total for length in lengths] if total else asked
