"""A campaign's budget, checked before every paid call."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import BudgetExceeded

# The campaign's row lock makes checks take turns; what is held are calls under way or in doubt, whose price is not known yet.
_CAMPAIGN = "SELECT budget, name FROM campaigns WHERE id = :campaign FOR NO KEY UPDATE"
_COMMITTED = """
SELECT (SELECT coalesce(sum(amount), 0) FROM cost_entries WHERE campaign_id = :campaign) AS spent,
       (SELECT coalesce(sum(estimate), 0) FROM effects
        WHERE campaign_id = :campaign AND state IN ('intent', 'needs_review') AND sends > 0 AND id <> :effect) AS held
"""


def check_budget(session: Session, campaign_id: str | None, effect_id: object, estimate: Decimal, what: str) -> None:
    """Raises BudgetExceeded if spent + held + estimate would pass the campaign's budget. USD; without a campaign no cap."""
    if campaign_id is None or estimate <= 0:
        return
    campaign = session.execute(text(_CAMPAIGN), {"campaign": campaign_id}).one()
    sums = session.execute(text(_COMMITTED), {"campaign": campaign_id, "effect": effect_id}).one()
    left = campaign.budget - sums.spent - sums.held
    if estimate > left:
        raise BudgetExceeded(
            f"The budget of campaign {campaign.name!r} does not cover this: {what} needs up to {estimate:.4f} USD, "
            f"{max(left, Decimal(0)):.4f} of {campaign.budget:.2f} USD are left"
        )
