"""/v1/experiments/{id}/assign: which variant a unit sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.auth.caller import caller
from api.experiments.exposure_buffer import Exposure, buffer
from api.experiments.running import Running, running
from api.experiments.schemas import AssignBody, Assigned, Assignments
from api.experiments.views import routes
from api.schemas import ById
from core.errors import InvalidInput
from core.pointers import escaped
from pipelines.experiments.assignment import Assignment
from pipelines.experiments.assignment import assign as assigned
from pipelines.experiments.hashing import text_of

LONGEST_UNIT = 500


@routes.on("POST", "/<uuid:id>/assign", answers=Assignments)
def assign(path: ById, body: AssignBody) -> Assignments:
    """Assign one unit, or many: the same unit always gets the same variant. Their exposure is noted.

    Hash and conditions are those of GrowthBook's SDKs. After the stop it is refused (409).
    """
    experiment = running(caller().org_id, path.id)
    if (body.attributes is None) == (body.units is None):
        fault = {"pointer": "/attributes", "detail": "give either attributes, of one unit, or units"}
        raise InvalidInput("Give the attributes of one unit, or the units", errors=[fault])
    given = body.units if body.units is not None else [body.attributes or {}]
    for n, one in enumerate(given):
        _check(experiment, one, "/attributes" if body.units is None else f"/units/{n}")
    many = [assign_unit(experiment, one, record=body.record) for one in given]
    return Assignments(**many[0].model_dump(), assignments=many if body.units is not None else None)


def assign_unit(experiment: Running, attributes: Mapping[str, Any], *, record: bool) -> Assigned:
    """What one unit sees; its exposure, and that of the holdout, are noted where `record` is wanted."""
    found = assigned(experiment.split, attributes)
    if record:
        _note(experiment, found)
        if experiment.holdout is not None:
            _note(experiment.holdout, assigned(experiment.holdout.split, attributes))
    value = experiment.values[found.variant] if found.variant is not None else experiment.control
    return Assigned(
        unit=found.unit,
        variant=found.variant,
        value=value,
        in_experiment=found.variant is not None,
        bucket=found.bucket,
        version=experiment.version,
        reason=found.reason,
    )


def _check(experiment: Running, attributes: Mapping[str, Any], at: str) -> None:
    """Before any exposure is noted. A unit need not be known to the holdout, but is noted under its key there if it is."""
    _check_unit(experiment.split.attribute, attributes, at, 1)
    if experiment.holdout is not None:
        _check_unit(experiment.holdout.split.attribute, attributes, at, 0)


def _check_unit(attribute: str, attributes: Mapping[str, Any], at: str, shortest: int) -> None:
    length = len(text_of(attributes.get(attribute)))
    if not shortest <= length <= LONGEST_UNIT:
        fault = {"pointer": f"{at}/{escaped(attribute)}", "detail": f"must be the unit's id, 1 to {LONGEST_UNIT} characters"}
        raise InvalidInput(f"The attribute {attribute!r} tells units apart and is {'too long' if length else 'missing'}", errors=[fault])


def _note(experiment: Running, found: Assignment) -> None:
    if found.variant is not None:
        buffer().add(Exposure(experiment.org_id, experiment.id, found.unit, found.variant, experiment.version))
