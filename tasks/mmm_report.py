"""`mmm.report`: a fit, and a plan made from it, as HTML and PDF for those who do not log in."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Literal

from pydantic import Field

from core.errors import InvalidInput
from core.params import Params
from models import MmmPlan
from tasks.mmm_records import fit_of
from tasks.new_assets import save_asset
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

MEDIA_TYPES = {"html": "text/html", "pdf": "application/pdf"}


class MmmReport(Params):
    fit_id: uuid.UUID
    plan_id: uuid.UUID | None = Field(default=None, description="a plan of that fit, to show what it would change")
    formats: list[Literal["html", "pdf"]] = Field(default=["html", "pdf"], min_length=1, max_length=2)


kind = JobKind("mmm.report", MmmReport, summary="A marketing mix model as a report in HTML and PDF.")


@kind.step(pool="cpu", deadline=900)
def write(ctx: StepContext, params: MmmReport) -> Outcome:
    from pipelines.mmm.pictures import fit_pictures, plan_picture
    from pipelines.mmm.report import report_of

    fit = fit_of(ctx, params.fit_id)
    plan, results = _plan(ctx, params), fit.results or {}
    pictures = dict(fit_pictures(results, ctx.workdir))
    if plan:
        pictures["plan"] = plan_picture(plan.result, ctx.workdir / "plan.png")
    ctx.progress(0.5, "sets the report")
    report = report_of(fit.name, results, pictures, plan.result if plan else None, simulated=fit.simulated)
    files = {form: _written(ctx, form, report) for form in dict.fromkeys(params.formats)}
    return {"assets": [_asset(ctx, path, form, fit.name, simulated=fit.simulated) for form, path in files.items()], "fit_id": str(fit.id)}


def _plan(ctx: StepContext, params: MmmReport) -> MmmPlan | None:
    if params.plan_id is None:
        return None
    with ctx.session() as session:
        plan = session.get(MmmPlan, params.plan_id)
    if plan is None or plan.fit_id != params.fit_id:
        raise InvalidInput(
            f"The fit has no plan {params.plan_id}", errors=[{"pointer": "/params/plan_id", "detail": "no such plan of the fit"}]
        )
    return plan


def _written(ctx: StepContext, form: str, report: object) -> Path:
    from pipelines.mmm.report_html import write_html
    from pipelines.mmm.report_pdf import write_pdf

    path = ctx.workdir / f"report.{form}"
    (write_html if form == "html" else write_pdf)(report, path)  # type: ignore[arg-type]
    return path


def _asset(ctx: StepContext, path: Path, form: str, name: str, *, simulated: bool) -> dict[str, object]:
    blob = ctx.keep(path, path.name, MEDIA_TYPES[form])
    return save_asset(
        ctx, blob, name=f"{name}: report", role=f"mmm-report-{form}", concept_id=None, simulated=simulated, facts={}, local=path
    )
