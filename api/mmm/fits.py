"""/v1/mmm-fits: list, show, charts. A fit is made by a job of kind mmm.fit."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from api.auth.caller import caller
from api.mmm.schemas import ChartOut, Charts, FitDetail, FitOut, FitsQuery
from api.openapi import Routes
from api.paging import page
from api.schemas import ById, Page
from core.errors import Conflict, NotFound
from models import MmmFit
from models.session import org_session
from pipelines.mmm.figures import fit_charts

routes = Routes("mmm-fits", "/v1/mmm-fits", "Marketing mix models: what each channel's spend brought")


@routes.on("GET", answers=Page[FitOut])
def index(query: FitsQuery) -> Page[FitOut]:
    """Fits, the newest first, without their results."""
    fits = select(MmmFit).options(defer(MmmFit.results), defer(MmmFit.planner), defer(MmmFit.market))
    if query.state:
        fits = fits.where(MmmFit.state == query.state)
    with org_session(caller().org_id) as session:
        found, cursor = page(session, fits, MmmFit, query)
        return Page(items=[FitOut.model_validate(fit) for fit in found], next_cursor=cursor)


@routes.on("GET", "/<uuid:id>", answers=FitDetail)
def show(path: ById) -> FitDetail:
    """One fit with its results: read `results.verdict` before any other figure."""
    with org_session(caller().org_id) as session:
        return FitDetail.model_validate(find_fit(session, path.id))


@routes.on("GET", "/<uuid:id>/figures", answers=Charts)
def figures(path: ById) -> Charts:
    """The fit's charts as Plotly figures, each with the numbers behind it."""
    with org_session(caller().org_id) as session:
        fit = find_fit(session, path.id, complete=True)
    return Charts(items=[ChartOut(**chart.as_dict()) for chart in fit_charts(fit.results or {})])


def find_fit(session: Session, fit_id: uuid.UUID, *, complete: bool = False) -> MmmFit:
    """Raises NotFound, also for one of another organisation, and Conflict where it has to be complete and is not."""
    fit = session.execute(select(MmmFit).where(MmmFit.id == fit_id)).scalar_one_or_none()
    if fit is None:
        raise NotFound(f"There is no fit {fit_id}")
    if complete and fit.state != "complete":
        raise Conflict(f"The fit is {fit.state}", hint="Wait for its job, or submit the fit again.")
    return fit
