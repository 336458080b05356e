"""/v1/campaigns/{id}/channel-budgets: what the campaign is to spend on each channel."""

from __future__ import annotations

from sqlalchemy import select

from api.auth.caller import caller
from api.campaigns.views import find_campaign, routes
from api.mmm.schemas import BudgetOut, Budgets
from api.schemas import ById
from models import ChannelBudget
from models.session import org_session


@routes.on("GET", "/<uuid:id>/channel-budgets", answers=Budgets)
def channel_budgets(path: ById) -> Budgets:
    """Budgets by channel, as they were taken from a plan (POST /v1/mmm-plans/{id}/apply)."""
    with org_session(caller().org_id) as session:
        find_campaign(session, path.id)
        budgets = select(ChannelBudget).where(ChannelBudget.campaign_id == path.id).order_by(ChannelBudget.channel)
        return Budgets(items=[BudgetOut.model_validate(budget) for budget in session.execute(budgets).scalars()])
