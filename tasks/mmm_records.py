"""Rows of fits: found, begun, kept when they are done or were cancelled half-way."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Session

from core.errors import Conflict, InvalidInput
from models import MmmFit
from tasks.new_assets import fetch_stored
from worker.context import StepContext
from worker.outputs import commit_files, keep_file

if TYPE_CHECKING:
    from pipelines.mmm.market import Array, Market

MODEL_VERSION = 1  # raised when the same request would give another answer


def request_hash(market: Market, request: dict[str, Any]) -> str:
    """Of everything that decides the answer."""
    return hashlib.sha256(json.dumps([MODEL_VERSION, market.as_dict(), request], sort_keys=True).encode()).hexdigest()


def begin_fit(ctx: StepContext, name: str, market: Market, request: dict[str, Any], *, simulated: bool) -> tuple[uuid.UUID, bool]:
    """The fit of this request, and whether it is there already; else its row is written when the step is done."""
    fingerprint = request_hash(market, request)
    fit_id = uuid.uuid5(uuid.UUID(str(ctx.org_id)), fingerprint)
    with ctx.session() as session:
        if session.execute(select(MmmFit.state).where(MmmFit.id == fit_id)).scalar_one_or_none() == "complete":
            return fit_id, True
    row = {
        "id": fit_id,
        "org_id": ctx.org_id,
        "campaign_id": ctx.campaign_id,
        "job_id": ctx.job_id,
        "name": name,
        "request_hash": fingerprint,
        "request": request,
        "market": market.as_dict(),
        "simulated": simulated,
        "created_by": ctx.created_by,
    }
    again = {"job_id": ctx.job_id, "name": name, "state": "running"}
    statement = insert(MmmFit).values(row)
    statement = statement.on_conflict_do_update(index_elements=["id"], set_=again, where=MmmFit.state != "complete")
    ctx.on_done(lambda session: _write(session, statement))
    return fit_id, False


def _write(session: Session, statement: Insert) -> None:
    session.execute(statement)


def fit_of(ctx: StepContext, fit_id: uuid.UUID | str, *, pointer: str = "/params/fit_id", complete: bool = True) -> MmmFit:
    """Raises InvalidInput where there is none in this organisation, Conflict where it is not complete but has to be."""
    with ctx.session() as session:
        found = session.get(MmmFit, uuid.UUID(str(fit_id)))
    if found is None:
        raise InvalidInput(f"There is no fit {fit_id}", errors=[{"pointer": pointer, "detail": "no such fit"}])
    if complete and found.state != "complete":
        raise Conflict(f"The fit {found.name!r} is {found.state}", hint="Wait for its job, or submit the fit again.")
    return found


def earlier_draws(ctx: StepContext, fit: MmmFit) -> Array | None:
    """Draws that a cancelled fit of the same request left."""
    from pipelines.mmm.trace_file import read_draws

    return read_draws(fetch_stored(ctx, fit.trace_key)) if fit.trace_key else None


def keep_partial(ctx: StepContext, fit_id: uuid.UUID, path: Path) -> None:
    """What a cancelled fit drew, in a transaction of its own: the cancelled step writes nothing any more. May run twice."""
    key = f"{ctx.org_id}/jobs/{ctx.job_id}/{ctx.step}/{ctx.generation}.{ctx.attempt}/partial.nc"
    keep_file(str(ctx.org_id), str(ctx.job_id), key, path, "application/netcdf")
    with ctx.session() as session:
        commit_files(session, [key])
        unfinished = MmmFit.id == fit_id, MmmFit.state != "complete"
        session.execute(update(MmmFit).where(*unfinished).values(state="partial", trace_key=key))


def complete_fit(session: Session, fit_id: uuid.UUID, **values: Any) -> None:
    """Write the results in the step's transaction."""
    finished = {"state": "complete", "finished_at": func.clock_timestamp(), **values}
    session.execute(update(MmmFit).where(MmmFit.id == fit_id).values(finished))


def told(fit: MmmFit, *, stored: bool) -> dict[str, Any]:
    """A fit as a job's result."""
    results = fit.results or {}
    return {
        "fit_id": str(fit.id),
        "stored": stored,
        "verdict": results.get("verdict"),
        "roas": {entry["name"]: entry["roas"] for entry in results.get("channels", ())},
        "files": fit.files,
        "simulated": fit.simulated,
    }
