"""What an experiment says about the world outside it: the lift with its standard error, as a mix model is calibrated by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pipelines.experiments.comparison import Comparison


@dataclass(frozen=True)
class Lift:
    """per_unit: of one exposed unit, in the metric's unit. total: over all units of the variant, against the control's way.

    relative is None where the control's value is 0. Standard errors are those of the figures before them.
    """

    metric: str
    variant: str
    per_unit: float
    per_unit_se: float
    relative: float | None
    relative_se: float | None
    total: float
    total_se: float
    units: int
    p_value: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def lift(metric: str, variant: str, compared: Comparison, units: float) -> Lift:
    """units: of the variant, over which the difference of one unit is summed."""
    return Lift(
        metric=metric,
        variant=variant,
        per_unit=float(compared.difference),
        per_unit_se=float(compared.se),
        relative=None if compared.relative is None else float(compared.relative),
        relative_se=None if compared.relative_se is None else float(compared.relative_se),
        total=float(compared.difference * units),
        total_se=float(compared.se * units),
        units=int(units),
        p_value=float(compared.p_value),
    )
