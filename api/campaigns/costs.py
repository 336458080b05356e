"""/v1/campaigns/{id}/costs: the ledger of paid calls."""

from __future__ import annotations

import uuid
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.auth.caller import caller
from api.campaigns.schemas import CostOut, Costs, VendorCost
from api.campaigns.views import find_campaign, routes
from api.paging import bad_cursor
from api.schemas import ById, PageQuery
from models import CostEntry, Effect
from models.session import org_session


@routes.on("GET", "/<uuid:id>/costs", answers=Costs)
def costs(path: ById, query: PageQuery) -> Costs:
    """What the campaign has cost, by vendor, and each paid call, the newest first."""
    with org_session(caller().org_id) as session:
        budget = find_campaign(session, path.id).budget
        by_vendor = _by_vendor(session, path.id)
        held = _held(session, path.id)
        found = _entries(session, path.id, query)
    spent = sum((row.amount for row in by_vendor), Decimal(0))
    shown = found[: query.limit]
    return Costs(
        budget=budget,
        spent=spent,
        held=held,
        remaining=max(budget - spent - held, Decimal(0)),
        by_vendor=by_vendor,
        items=[CostOut.model_validate(row) for row in shown],
        next_cursor=str(shown[-1].id) if len(found) > query.limit else None,
    )


def _by_vendor(session: Session, campaign_id: uuid.UUID) -> list[VendorCost]:
    sums = select(CostEntry.vendor, CostEntry.simulated, func.count(), func.sum(CostEntry.amount)).where(
        CostEntry.campaign_id == campaign_id
    )
    rows = session.execute(sums.group_by(CostEntry.vendor, CostEntry.simulated).order_by(CostEntry.vendor, CostEntry.simulated))
    return [VendorCost(vendor=vendor, simulated=simulated, calls=calls, amount=amount) for vendor, simulated, calls, amount in rows]


def _held(session: Session, campaign_id: uuid.UUID) -> Decimal:
    under_way = Effect.campaign_id == campaign_id, Effect.state.in_(("intent", "needs_review")), Effect.sends > 0
    return session.execute(select(func.coalesce(func.sum(Effect.estimate), Decimal(0))).where(*under_way)).scalar_one()


def _entries(session: Session, campaign_id: uuid.UUID, query: PageQuery) -> list[CostEntry]:
    entries = select(CostEntry).where(CostEntry.campaign_id == campaign_id)
    if query.cursor:
        if not query.cursor.isdecimal() or len(query.cursor) > 18:
            raise bad_cursor()
        entries = entries.where(CostEntry.id < int(query.cursor))
    return list(session.execute(entries.order_by(CostEntry.id.desc()).limit(query.limit + 1)).scalars())
