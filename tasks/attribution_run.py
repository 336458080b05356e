"""`attribution.run`: what each channel and campaign earned, by seven models side by side."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import InvalidInput
from core.params import Params
from models import AttributionRun, Organization
from pipelines.analytics.events import Label
from tasks.event_stream import OTHERS, Window, labels, of_nobody, stream
from worker.context import StepContext
from worker.kinds import JobKind
from worker.outcomes import Outcome

MOST_DAYS = 800
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]


class AttributionParams(Params):
    start: Day = Field(description="first day of the conversions, in the organisation's zone")
    end: Day = Field(description="last day")
    lookback_days: int = Field(default=30, ge=1, le=365, description="how long before a conversion a touchpoint counts")
    conversions: list[Label] | None = Field(
        default=None, min_length=1, max_length=20, description="names of conversions, such as purchase; all without it"
    )
    half_life_days: float = Field(default=7.0, gt=0, le=365, description="of the time-decay model")
    markov_order: int = Field(default=1, ge=1, le=4, description="how many touchpoints the Markov chain remembers")
    first_share: float = Field(default=0.4, ge=0, le=1, description="of the position-based model")
    last_share: float = Field(default=0.4, ge=0, le=1, description="of the position-based model")

    @model_validator(mode="after")
    def _fits(self) -> AttributionParams:
        if not 0 <= (self.end - self.start).days < MOST_DAYS:
            raise ValueError(f"end must be on or after start, and at most {MOST_DAYS} days later")
        if self.first_share + self.last_share > 1:
            raise ValueError("first_share and last_share together are more than 1")
        return self


kind = JobKind("attribution.run", AttributionParams, summary="Share conversions and revenue among channels and campaigns, by seven models.")


@kind.step(pool="cpu", deadline=4 * 3600)
def attribute(ctx: StepContext, params: AttributionParams) -> Outcome:
    """Streams the journeys, computes every model, keeps the result as a run."""
    from pipelines.analytics.attribution.report import report

    with ctx.session() as session:
        session.execute(text("SET LOCAL transaction_read_only = on"))
        organization = session.get_one(Organization, ctx.org_id)
        by = walked(
            session, organization, params, lambda events: ctx.progress(0.05 + 0.85 * events / (events + 1_000_000), f"{events:,} events")
        )
    found = {name: report(paths, params.markov_order, params.first_share, params.last_share) for name, paths in by.items()}
    if not any(one["totals"]["conversions"] + one["unassigned"]["conversions"] for one in found.values()):
        raise InvalidInput(
            f"There are no conversions from {params.start} to {params.end}", hint="Send events to /v1/events, or choose another period."
        )
    run_id = uuid.uuid4()
    result = {"currency": organization.currency, "zone": organization.zone, "by": found}
    row = {"id": run_id, "org_id": ctx.org_id, "job_id": ctx.job_id, "params": params.model_dump(mode="json"), "result": result}
    ctx.on_done(lambda session: session.add(AttributionRun(**row)))
    totals = found["channel"]["totals"]
    return {
        "run_id": str(run_id),
        **totals,
        "unassigned": found["channel"]["unassigned"],
        "href": f"/v1/analytics/attribution?run_id={run_id}",
    }


def walked(session: Session, organization: Organization, params: AttributionParams, on_progress: Any) -> dict[str, Any]:
    """The distinct paths by channel and by campaign. Memory grows with them, not with the events."""
    from pipelines.analytics.attribution.journeys import Events, Journeys

    window = window_of(organization, params)
    channels, campaigns = labels(session, organization.id, window)
    times = {
        "since": int(window.begin.timestamp() * 1000),
        "lookback": params.lookback_days * 86_400_000,
        "half_life": int(params.half_life_days * 86_400_000),
    }
    journeys = {"channel": Journeys(channels, **times), "campaign": Journeys(campaigns, **times)}
    seen = 0

    def on_rows(rows: Any) -> None:
        nonlocal seen
        seen += len(rows)
        common = (rows["person"].astype("i8"), rows["at"].astype("i8")), (rows["converts"] == 1, rows["value"].astype("f8"))
        for name, one in journeys.items():
            one.feed(Events(*common[0], rows[name].astype("i8"), *common[1]))
        on_progress(seen)

    chosen: dict[str, Any] = {"currency": organization.currency, "names": params.conversions}
    stream(session, organization.id, window, channels=channels, campaigns=campaigns, on_rows=on_rows, **chosen)
    numbers = {"channel": {label: n for n, label in enumerate(channels)}, "campaign": {label: n for n, label in enumerate(campaigns)}}
    for row in of_nobody(session, organization.id, window, **chosen):
        for name, one in journeys.items():
            label = getattr(row, name)
            one.add_alone(numbers[name].get(label, numbers[name].get(OTHERS, -1)) if label else -1, row.conversions, row.revenue)
    return {name: one.paths() for name, one in journeys.items()}


def window_of(organization: Organization, params: AttributionParams) -> Window:
    """Days begin at midnight of the organisation's zone, on the days of a clock change too. The look-back is of 24-hour days."""
    zone = ZoneInfo(organization.zone)
    begin = datetime(params.start.year, params.start.month, params.start.day, tzinfo=zone)
    after = params.end + timedelta(days=1)
    return Window(
        begin.astimezone(UTC) - timedelta(days=params.lookback_days), begin, datetime(after.year, after.month, after.day, tzinfo=zone)
    )
