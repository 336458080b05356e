"""`mmm.fit`: a marketing mix model of a sales history. The same request again finds the stored fit."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from core.errors import Cancelled
from core.settings import get_settings
from pipelines.mmm.specification import MOST_LIFT_TESTS, Holdout, Model, Sampling
from tasks.mmm_history import History, market_of
from tasks.mmm_lifts import ExperimentLift, with_lifts
from tasks.mmm_records import begin_fit, complete_fit, earlier_draws, fit_of, keep_partial, told
from tasks.new_assets import save_asset
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

if TYPE_CHECKING:
    from pipelines.mmm.fit import Fit


class MmmFit(History):
    name: str = Field(default="Marketing mix", min_length=1, max_length=120)
    model: Model = Field(default_factory=Model)
    holdout: Holdout = Field(default_factory=Holdout)
    sampling: Sampling = Field(default_factory=Sampling)
    experiments: list[ExperimentLift] = Field(
        default_factory=list,
        max_length=50,
        description="experiments of this platform that the model must agree with, besides model.lift_tests",
    )

    @model_validator(mode="after")
    def _not_too_many_tests(self) -> MmmFit:
        if len(self.model.lift_tests) + len(self.experiments) > MOST_LIFT_TESTS:
            raise ValueError(f"model.lift_tests and experiments together are more than {MOST_LIFT_TESTS}")
        return self


kind = JobKind("mmm.fit", MmmFit, summary="Which part of sales each channel's spend brought, how sure that is, and whether to believe it.")


@kind.step(pool="cpu", share=2, deadline=600)
def read(ctx: StepContext, params: MmmFit) -> Outcome:
    from pipelines.mmm.checks import check

    market, simulated = market_of(ctx, params)
    model = with_lifts(ctx, params.model, params.experiments)
    check(market, model, params.holdout, at=params.pointer, experiments=len(params.experiments))
    asked = {"model": model, "holdout": params.holdout, "sampling": params.sampling}
    request = {name: part.model_dump(mode="json") for name, part in asked.items()}
    fit_id, stored = begin_fit(ctx, params.name, market, request, simulated=simulated)
    return {"fit_id": str(fit_id), "stored": stored, "periods": market.periods, "channels": list(market.channels)}


@kind.step(pool="cpu", share=98, max_attempts=3, deadline=2 * 3600)
def fit(ctx: StepContext, params: MmmFit) -> Outcome:
    from pipelines.mmm.fit import fitted
    from pipelines.mmm.market import from_dict
    from pipelines.mmm.sampling import Stopped

    known = ctx.output("read")
    row = fit_of(ctx, known["fit_id"], complete=False)
    if known["stored"]:
        return told(row, stored=True)
    model, start = Model.model_validate(row.request["model"]), earlier_draws(ctx, row)
    cores, cache = os.cpu_count() or 1, get_settings().state_dir.resolve() / "compiled"
    try:
        found = fitted(from_dict(row.market), model, params.holdout, params.sampling, ctx.progress, cores=cores, cache=cache, start=start)
    except Stopped as stopped:
        _keep_partial(ctx, row.id, stopped)
        raise stopped.__cause__ or stopped from None
    row.results, row.files = found.results, _files(ctx, params.name, found, simulated=row.simulated)
    values: dict[str, Any] = {"results": found.results, "planner": found.planner.as_dict(), "grade": found.results["verdict"]["grade"]}
    ctx.on_done(lambda session: complete_fit(session, row.id, files=row.files, trace_key=None, **values))
    return told(row, stored=False)


def _keep_partial(ctx: StepContext, fit_id: uuid.UUID, stopped: Any) -> None:
    """Only after a cancel: a step that lost its lease is another worker's now."""
    from pipelines.mmm.trace_file import write_trace

    if isinstance(stopped.__cause__, Cancelled) and stopped.trace is not None:
        path = ctx.workdir / "partial.nc"
        write_trace(path, stopped.design, stopped.trace)
        keep_partial(ctx, fit_id, path)


def _files(ctx: StepContext, name: str, found: Fit, *, simulated: bool) -> dict[str, str]:
    """The trace and the pictures as assets; their ids."""
    from pipelines.mmm.pictures import fit_pictures
    from pipelines.mmm.trace_file import write_trace

    ctx.progress(0.98, "keeps the draws")
    trace = ctx.workdir / "trace.nc"
    write_trace(trace, found.design, found.trace)
    files = {"trace": _asset(ctx, trace, f"{name}: trace", "mmm-trace", "application/netcdf", simulated=simulated)}
    for what, path in fit_pictures(found.results, ctx.workdir):
        ctx.progress(0.99, "draws the charts")
        files[what] = _asset(ctx, path, f"{name}: {what}", f"mmm-{what}", "image/png", simulated=simulated)
    return files


def _asset(ctx: StepContext, path: Path, name: str, role: str, media_type: str, *, simulated: bool) -> str:
    blob = ctx.keep(path, path.name, media_type)
    made = save_asset(ctx, blob, name=name, role=role, concept_id=None, simulated=simulated, facts={}, local=path)
    return str(made["asset_id"])
