"""What a request would make of an experiment, with every fault at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.experiments.schemas import ExperimentChange, NewExperiment
from core.errors import InvalidInput
from models import Campaign, Experiment
from pipelines.experiments.design import SUM_TOLERANCE, condition_faults, metric_faults, namespace_faults, variant_faults

Fault = dict[str, str]


def check_new(session: Session, body: NewExperiment) -> None:
    """Raises InvalidInput with all faults."""
    _raise([*_faults(body, body.kind), *_unknown(session, body.holdout_id, body.campaign_id), *_taken(session, body.key)])


def check_draft(session: Session, experiment: Experiment, body: ExperimentChange) -> None:
    """Raises InvalidInput with all faults that the change would bring."""
    _raise([*_faults(body, experiment.kind), *_unknown(session, body.holdout_id, body.campaign_id), *_unlinked(experiment, body)])


def check_weights(weights: Sequence[float], variants: int) -> None:
    """Raises InvalidInput: one weight for each variant, and they sum to 1."""
    if len(weights) != variants:
        _raise([{"pointer": "/weights", "detail": f"has {len(weights)} weights for {variants} variants"}])
    if abs(sum(weights) - 1) > SUM_TOLERANCE:
        _raise([{"pointer": "/weights", "detail": f"sums to {sum(weights):.4g}, not to 1"}])


def check_open(weights: Sequence[float] | None, coverage: float) -> None:
    """Raises InvalidInput: weights of nobody are no split and would be forgotten."""
    if weights is not None and coverage == 0:
        _raise([{"pointer": "/weights", "detail": "changes nothing while the coverage is 0; give a coverage above 0 with it"}])


def _faults(body: NewExperiment | ExperimentChange, kind: str) -> list[Fault]:
    found: list[Fault] = []
    if body.variants is not None:
        found += variant_faults(body.variants)
    if body.metrics is not None:
        found += metric_faults(body.metrics, kind)
    if body.condition is not None:
        found += condition_faults(body.condition)
    if kind == "holdout":
        found += _holdout_faults(body)
    return found + namespace_faults(body.namespace)


def _holdout_faults(body: NewExperiment | ExperimentChange) -> list[Fault]:
    """SDKs leave a holdout's part out by the hash alone, whoever it is."""
    everybody = "a holdout keeps its part of everybody out"
    told = {
        "holdout_id": "a holdout has no holdout of its own",
        "condition": f"{everybody}; put the condition on the experiments that name it",
        "namespace": f"{everybody}; put the namespace on the experiments that name it",
    }
    return [{"pointer": f"/{name}", "detail": detail} for name, detail in told.items() if getattr(body, name)]


def _unknown(session: Session, holdout_id: uuid.UUID | None, campaign_id: uuid.UUID | None) -> list[Fault]:
    found = []
    if holdout_id is not None:
        kind = session.execute(select(Experiment.kind).where(Experiment.id == holdout_id)).scalar_one_or_none()
        if kind != "holdout":
            found.append({"pointer": "/holdout_id", "detail": "is no experiment of kind holdout"})
    if campaign_id is not None and session.get(Campaign, campaign_id) is None:
        found.append({"pointer": "/campaign_id", "detail": "is no campaign of yours"})
    return found


def _unlinked(experiment: Experiment, body: ExperimentChange) -> list[Fault]:
    """Where touchpoints are the exposures, a variant is known by its concept."""
    if experiment.source != "touchpoints" or body.variants is None:
        return []
    known = {str(one["value"]["concept_id"]) for one in experiment.variants}
    detail = f"must be an object with the concept_id of a creative: {', '.join(sorted(known))}"
    values = [one.value if isinstance(one.value, dict) else {} for one in body.variants]
    return [{"pointer": f"/variants/{n}/value", "detail": detail} for n, value in enumerate(values) if value.get("concept_id") not in known]


def _taken(session: Session, key: str) -> list[Fault]:
    taken = session.execute(select(Experiment.id).where(Experiment.key == key)).first()
    return [{"pointer": "/key", "detail": f"{key!r} is the key of another experiment"}] if taken else []


def _raise(faults: list[Fault]) -> None:
    if faults:
        told = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in faults[:5])
        raise InvalidInput(f"The experiment has {len(faults)} fault(s): {told}", errors=faults)


def columns_of(body: NewExperiment | ExperimentChange) -> dict[str, Any]:
    """The columns that a body sets; JSON columns in their plain form."""
    given = body.model_dump(mode="json", exclude_unset=isinstance(body, ExperimentChange), exclude={"holdout_id", "campaign_id", "weights"})
    ids: dict[str, Any] = {name: getattr(body, name) for name in ("holdout_id", "campaign_id") if name in body.model_fields_set}
    return {**given, **ids}
