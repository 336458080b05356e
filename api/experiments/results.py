"""/v1/experiments/{id}/results and /lift."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from api.auth.caller import caller
from api.experiments.results_schema import LiftOut, ResultsOut, metric_out, ratio_out
from api.experiments.schemas import LiftQuery, ResultsQuery
from api.experiments.views import routes
from api.schemas import ById
from core.errors import Conflict, InvalidInput, SampleRatioMismatch
from models import Experiment
from models.session import org_session
from pipelines.experiments import sample_ratio
from pipelines.experiments.contrast import difference
from pipelines.experiments.design import Metric
from pipelines.experiments.lift import lift as lift_of
from pipelines.experiments.reading import read
from pipelines.experiments.sample_ratio import SampleRatio
from pipelines.experiments.verdict import judge
from tasks.experiment_observations import counts, crossed, observe
from tasks.experiment_records import design_of, find_experiment, metric_of, metrics_of, shares_of, version_in_force, versions_of


@routes.on("GET", "/<uuid:id>/results", answers=ResultsOut)
def results(path: ById, query: ResultsQuery) -> ResultsOut:
    """What came of it, by every way of reading: fixed, planned looks, always-valid, Bayesian.

    409 sample_ratio_mismatch when the variants did not get their shares: then no difference can be trusted.
    """
    with org_session(caller().org_id) as session:
        experiment = _started(session, path)
        chosen = [metric_of(experiment, query.metric)] if query.metric else metrics_of(experiment)
        return _results(session, experiment, chosen, despite=query.despite_mismatch)


def _started(session: Session, path: ById) -> Experiment:
    experiment = find_experiment(session, path.id)
    if experiment.started_at is None:
        raise Conflict("The experiment has not been started; there is nothing to read", hint="Start it.")
    return experiment


def _results(session: Session, experiment: Experiment, metrics: Sequence[Metric], *, despite: bool) -> ResultsOut:
    ratio = _checked_ratio(session, experiment, despite=despite)
    design = design_of(experiment, shares_of(experiment, version_in_force(session, experiment)), metrics)
    found = read(design, {metric.key: observe(session, experiment, metric) for metric in metrics})
    verdict = judge(design, found)
    return ResultsOut(
        experiment_id=experiment.id,
        state=experiment.state,
        verdict=verdict.word,
        variant=verdict.variant,
        sentence=verdict.sentence,
        sample_ratio=ratio_out(ratio, design.variants) if ratio else None,
        crossed=crossed(session, experiment),
        metrics=[metric_out(one) for one in found],
    )


def _checked_ratio(session: Session, experiment: Experiment, *, despite: bool) -> SampleRatio | None:
    """None where nobody assigned the units: touchpoints come as they come. Raises SampleRatioMismatch."""
    if experiment.source == "touchpoints":
        return None
    seen, asked = counts(session, experiment), {one.number: one.weights for one in versions_of(session, experiment.id)}
    known = [version for version in seen if version in asked]
    variants = len(experiment.variants)
    found = sample_ratio.check(
        [seen[version] for version in known] or [[0] * variants], [asked[version] for version in known] or [[1 / variants] * variants]
    )
    if found.mismatch and not despite:
        raise SampleRatioMismatch(
            f"The variants got {_told(found.observed)} units where {_told(found.expected)} were to be expected (p = {found.p_value:.2g}); "
            "something keeps units of one variant from being counted, so no difference can be trusted",
            hint="Look for redirects, crashes or bots in one variant. despite_mismatch=true reads on all the same.",
        )
    return found


def _told(numbers: Sequence[float]) -> str:
    return " : ".join(f"{number:,.0f}" for number in numbers)


@routes.on("GET", "/<uuid:id>/lift", answers=LiftOut)
def lift(path: ById, query: LiftQuery) -> LiftOut:
    """One variant's lift with its standard error, as a mix model is calibrated by. 422 when it cannot be tested."""
    with org_session(caller().org_id) as session:
        experiment = _started(session, path)
        metric = metric_of(experiment, query.metric)
        keys = [variant["key"] for variant in experiment.variants]
        variant = query.variant or keys[1]
        if variant not in keys[1:]:
            fault = {"pointer": "/query/variant", "detail": f"must be one of {', '.join(keys[1:])}"}
            raise InvalidInput(f"{variant!r} is no variant that is compared with the control", errors=[fault])
        _checked_ratio(session, experiment, despite=False)
        design = design_of(experiment, shares_of(experiment, version_in_force(session, experiment)))
        compared, arm = difference(design, metric, observe(session, experiment, metric), variant)
    found = lift_of(metric.key, variant, compared, arm.n)
    return LiftOut(experiment_id=path.id, started_at=experiment.started_at, stopped_at=experiment.stopped_at, **found.as_dict())
