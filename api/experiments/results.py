"""/v1/experiments/{id}/results and /lift."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.auth.caller import caller
from api.experiments.results_schema import LiftOut, LiftTest, ResultsOut, metric_out, ratio_out
from api.experiments.schemas import LiftQuery, ResultsQuery
from api.experiments.views import routes
from api.schemas import ById
from models import Experiment, Organization
from models.session import org_session
from pipelines.experiments.lift import Lift
from pipelines.experiments.reading import read
from pipelines.experiments.verdict import judge
from tasks.experiment_reading import checked_ratio, gather, lift_of, started
from tasks.experiment_records import metric_of, metrics_of


@routes.on("GET", "/<uuid:id>/results", answers=ResultsOut)
def results(path: ById, query: ResultsQuery) -> ResultsOut:
    """What came of it, by every way of reading: fixed, planned looks, always-valid, Bayesian.

    409 sample_ratio_mismatch when the variants did not get their shares: then no difference can be trusted.
    """
    with org_session(caller().org_id) as session:
        experiment = started(session, path.id)
        chosen = [metric_of(experiment, query.metric)] if query.metric else metrics_of(experiment)
        gathered = gather(session, experiment, chosen)
    ratio = checked_ratio(gathered, despite=query.despite_mismatch)
    found = read(gathered.design, gathered.observed)
    verdict = judge(gathered.design, found)
    return ResultsOut(
        experiment_id=experiment.id,
        state=experiment.state,
        verdict=verdict.word,
        variant=verdict.variant,
        sentence=verdict.sentence,
        sample_ratio=ratio_out(ratio, gathered.design.variants) if ratio else None,
        crossed=gathered.crossed,
        metrics=[metric_out(one) for one in found],
    )


@routes.on("GET", "/<uuid:id>/lift", answers=LiftOut)
def lift(path: ById, query: LiftQuery) -> LiftOut:
    """One variant's lift with its standard error, as a mix model is calibrated by. 422 when it cannot be tested."""
    experiment, found = lift_of(caller().org_id, path.id, query.metric, query.variant)
    with org_session(caller().org_id) as session:
        zone = ZoneInfo(session.get_one(Organization, caller().org_id).zone)
    return LiftOut(experiment_id=path.id, lift_test=_lift_test(experiment, found, zone), **found.as_dict())


def _lift_test(experiment: Experiment, found: Lift, zone: ZoneInfo) -> LiftTest:
    """zone: a mix model's days are those of the organisation."""
    begun, ended = experiment.started_at or datetime.now(UTC), experiment.stopped_at or datetime.now(UTC)
    start, end = begun.astimezone(zone).date(), ended.astimezone(zone).date()
    return LiftTest(start=start, end=end, lift=found.total, standard_error=found.total_se)
