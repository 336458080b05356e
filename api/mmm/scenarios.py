"""/v1/mmm-fits/{id}/scenarios: what plans of spend would bring, answered at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.caller import caller
from api.mmm.fits import find_fit, routes
from api.mmm.schemas import Scenario, Scenarios, ScenariosOut
from api.schemas import ById
from core.errors import InvalidInput
from core.pointers import escaped
from models.session import org_session

if TYPE_CHECKING:
    from pipelines.mmm.market import Array


@routes.on("POST", "/<uuid:id>/scenarios", answers=ScenariosOut)
def scenarios(path: ById, body: Scenarios) -> ScenariosOut:
    """Compare plans of spend over the periods after the history: what each brings, with what carries over after its end."""
    from pipelines.mmm.planning import from_dict
    from pipelines.mmm.scenarios import compared

    with org_session(caller().org_id) as session:
        stored = find_fit(session, path.id, complete=True).planner or {}
    planner = from_dict(stored)
    faults = [fault for n, plan in enumerate(body.plans) for fault in _faults(plan, f"/plans/{n}/spend", planner.channels, body.periods)]
    if faults:
        raise InvalidInput("; ".join(fault["detail"] for fault in faults[:5]), errors=faults)
    plans = {plan.name: _spread(plan, planner.channels, body.periods) for plan in body.plans}
    return ScenariosOut(periods=body.periods, items=compared(planner, plans))


def _faults(plan: Scenario, at: str, channels: tuple[str, ...], periods: int) -> list[dict[str, str]]:
    faults = []
    for name, spend in plan.spend.items():
        if name not in channels:
            faults.append(
                {"pointer": f"{at}/{escaped(name)}", "detail": f"{name} is no channel of the fit; channels are {', '.join(channels)}"}
            )
        elif isinstance(spend, list) and len(spend) != periods:
            faults.append({"pointer": f"{at}/{escaped(name)}", "detail": f"{name} has {len(spend)} amounts for {periods} periods"})
    return faults


def _spread(plan: Scenario, channels: tuple[str, ...], periods: int) -> Array:
    """[periods, channels]."""
    import numpy as np

    columns = []
    for name in channels:
        spend = plan.spend.get(name, 0.0)
        columns.append(np.array(spend) if isinstance(spend, list) else np.full(periods, spend / periods))
    return np.stack(columns, axis=1)
