"""/v1/mmm-plans: what the optimiser found, and taking it as a campaign's channel budgets."""

from __future__ import annotations

import uuid
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import audit
from api.auth.caller import caller
from api.campaigns.views import find_campaign
from api.mmm.fits import find_fit
from api.mmm.schemas import BudgetOut, Budgets, PlanOut, PlansQuery, Take
from api.openapi import Routes
from api.paging import page
from api.schemas import ById, Page
from core.errors import NotFound
from models import ChannelBudget, MmmPlan
from models.session import org_session

routes = Routes("mmm-plans", "/v1/mmm-plans", "Budgets split by a marketing mix model")

CENT = Decimal("0.01")


@routes.on("GET", answers=Page[PlanOut])
def index(query: PlansQuery) -> Page[PlanOut]:
    """Plans, the newest first. A plan is made by a job of kind mmm.optimise."""
    plans = select(MmmPlan)
    if query.fit_id:
        plans = plans.where(MmmPlan.fit_id == query.fit_id)
    with org_session(caller().org_id) as session:
        found, cursor = page(session, plans, MmmPlan, query)
    return Page(items=[PlanOut.model_validate(plan) for plan in found], next_cursor=cursor)


@routes.on("GET", "/<uuid:id>", answers=PlanOut)
def show(path: ById) -> PlanOut:
    """One plan."""
    with org_session(caller().org_id) as session:
        return PlanOut.model_validate(_find(session, path.id))


@routes.on("POST", "/<uuid:id>/apply", answers=Budgets)
def apply(path: ById, body: Take) -> Budgets:
    """Take the plan's split as the campaign's channel budgets, in place of those it has. May be sent twice."""
    with audit.change(f"campaign:{body.campaign_id}", plan_id=str(path.id)) as session:
        plan = _find(session, path.id)
        find_campaign(session, body.campaign_id, lock=True)
        currency = find_fit(session, plan.fit_id).market["currency"]
        session.execute(delete(ChannelBudget).where(ChannelBudget.campaign_id == body.campaign_id))
        amounts = in_cents({entry["name"]: entry["after"] for entry in plan.result["channels"]})
        made = [_budget(plan, body.campaign_id, channel, amount, currency) for channel, amount in amounts.items()]
        session.add_all(made)
        session.flush()
        return Budgets(items=[BudgetOut.model_validate(budget) for budget in made])


def in_cents(amounts: dict[str, float]) -> dict[str, Decimal]:
    """The amounts in whole cents whose sum is the rounded sum: the cents that rounding down leaves go to the largest rests."""
    exact = {name: Decimal(repr(amount)) for name, amount in amounts.items()}
    down = {name: amount.quantize(CENT, ROUND_DOWN) for name, amount in exact.items()}
    left = int((sum(exact.values(), Decimal(0)).quantize(CENT) - sum(down.values(), Decimal(0))) / CENT)
    for name in sorted(exact, key=lambda one: exact[one] - down[one], reverse=True)[:left]:
        down[name] += CENT
    return down


def _budget(plan: MmmPlan, campaign_id: uuid.UUID, channel: str, amount: Decimal, currency: str) -> Any:
    return ChannelBudget(
        org_id=caller().org_id, campaign_id=campaign_id, channel=channel, amount=amount, currency=currency, plan_id=plan.id
    )


def _find(session: Session, plan_id: uuid.UUID) -> MmmPlan:
    """Raises NotFound, also for one of another organisation."""
    plan = session.execute(select(MmmPlan).where(MmmPlan.id == plan_id)).scalar_one_or_none()
    if plan is None:
        raise NotFound(f"There is no plan {plan_id}")
    return plan
