"""Readings of an experiment that more than one room asks for.

What is in Postgres is gathered first and worked out afterwards: a transaction that waits for arithmetic is ended by Postgres.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.errors import Conflict, InvalidInput, SampleRatioMismatch
from models import Experiment
from models.session import org_session
from pipelines.experiments import sample_ratio
from pipelines.experiments.contrast import Design, difference
from pipelines.experiments.design import Metric
from pipelines.experiments.lift import Lift, lift
from pipelines.experiments.observations import Observations
from pipelines.experiments.sample_ratio import SampleRatio
from tasks.experiment_observations import Units, crossed
from tasks.experiment_records import design_of, find_experiment, metric_of, open_version, shares_of, versions_of


@dataclass(frozen=True)
class Gathered:
    """Everything that a reading is made of. units, weights: by version of the split, a column a variant."""

    experiment: Experiment
    design: Design
    observed: dict[str, Observations]
    units: list[list[int]]
    weights: list[list[float]]
    crossed: int


def started(session: Session, experiment_id: uuid.UUID) -> Experiment:
    """Raises NotFound, and Conflict while there is nothing to read."""
    experiment = find_experiment(session, experiment_id)
    if experiment.started_at is None:
        raise Conflict("The experiment has not been started; there is nothing to read", hint="Start it.")
    return experiment


def gather(session: Session, experiment: Experiment, metrics: Sequence[Metric]) -> Gathered:
    """What was seen of the metrics; writes nothing that lasts."""
    units = Units(session, experiment)
    seen, asked = units.counts(), {one.number: one.weights for one in versions_of(session, experiment.id)}
    known = [version for version in seen if version in asked]
    return Gathered(
        experiment=experiment,
        design=design_of(experiment, shares_of(experiment, open_version(session, experiment)), metrics),
        observed={metric.key: units.observe(metric) for metric in metrics},
        units=[seen[version] for version in known],
        weights=[asked[version] for version in known],
        crossed=crossed(session, experiment),
    )


def checked_ratio(gathered: Gathered, *, despite: bool = False) -> SampleRatio | None:
    """None where nobody assigned the units: touchpoints come as they come. Raises SampleRatioMismatch, unless `despite`."""
    if gathered.experiment.source == "touchpoints":
        return None
    nobody = [0] * len(gathered.design.variants)
    found = sample_ratio.check(gathered.units or [nobody], gathered.weights or [list(gathered.design.weights)])
    if found.mismatch and not despite:
        raise SampleRatioMismatch(
            f"The variants got {_told(found.observed)} units where {_told(found.expected)} were to be expected (p = {found.p_value:.2g}); "
            "something keeps units of one variant from being counted, so no difference can be trusted",
            hint="Look for redirects, crashes or bots in one variant. despite_mismatch=true reads on all the same.",
        )
    return found


def _told(numbers: Sequence[float]) -> str:
    return " : ".join(f"{number:,.0f}" for number in numbers)


def lift_of(
    org_id: uuid.UUID | str, experiment_id: uuid.UUID, metric: str | None = None, variant: str | None = None
) -> tuple[Experiment, Lift]:
    """One variant's lift over the control, by default the second one's in the primary metric.

    Raises NotFound, Conflict before the start, InvalidInput for an unknown metric or variant, SampleRatioMismatch, Untestable.
    """
    with org_session(org_id) as session:
        experiment = started(session, experiment_id)
        wanted, chosen = metric_of(experiment, metric), _compared(experiment, variant)
        gathered = gather(session, experiment, [wanted])
    checked_ratio(gathered)
    compared, arm = difference(gathered.design, wanted, gathered.observed[wanted.key], chosen)
    return experiment, lift(wanted.key, chosen, compared, arm.n)


def _compared(experiment: Experiment, variant: str | None) -> str:
    keys = [one["key"] for one in experiment.variants[1:]]
    if variant is not None and variant not in keys:
        fault = {"pointer": "/query/variant", "detail": f"must be one of {', '.join(keys)}"}
        raise InvalidInput(f"{variant!r} is no variant that is compared with the control", errors=[fault])
    return variant or keys[0]
