"""What units did after they were exposed, summed in Postgres: `pipelines.experiments.observations` from exposures and events.

A unit is the person behind it: keys that belong to one person count once, for the variant that was seen first. Who the units
are is worked out once a transaction, into a table of the connection's own, from which every metric's sums are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import Experiment
from pipelines.experiments.design import Metric
from pipelines.experiments.observations import Exposed, Observations, Outcome

# The connection's own, and emptied by every commit.
_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS experiment_units (
    who text, person_id bigint, variant text, version int, first_at timestamptz, cohort int
) ON COMMIT DELETE ROWS
"""
_EMPTIED = "DELETE FROM pg_temp.experiment_units"
_COUNTED = "ANALYZE pg_temp.experiment_units"  # else the planner takes a new table for a small one
# Plain joins by keys only, whose time grows with the rows whatever the planner guesses. An e-mail address is known by its hash too.
_UNITS = """
WITH exposed AS (
    SELECT unit, variant, version, first_at, unit AS key FROM experiment_exposures WHERE experiment_id = :experiment
    UNION ALL
    SELECT unit, variant, version, first_at, encode(sha256(convert_to(lower(btrim(unit)), 'UTF8')), 'hex')
    FROM experiment_exposures WHERE experiment_id = :experiment AND position('@' IN unit) > 0
), seen AS (
    SELECT DISTINCT ON (e.unit, e.variant) e.unit, e.variant, e.version, e.first_at, k.person_id
    FROM exposed e LEFT JOIN identity_keys k ON k.org_id = :org AND k.key = e.key
    ORDER BY e.unit, e.variant, k.person_id IS NULL, k.kind DESC, k.id
)
INSERT INTO pg_temp.experiment_units (who, person_id, variant, version, first_at, cohort)
SELECT DISTINCT ON (who) who, person_id, variant, version, first_at,
       greatest(0, floor(extract(epoch FROM first_at - CAST(:start AS timestamptz)) / 86400))::int AS cohort
FROM (SELECT *, coalesce('p' || person_id, 'u' || unit) AS who FROM seen) known
ORDER BY who, first_at, variant
"""
_EVENT = "((ev.kind = :kind AND ev.name = :event) OR (ev.kind = :below_kind AND ev.name = :below))"
_Y = "CASE WHEN ev.kind = :kind AND ev.name = :event THEN {y} ELSE 0 END"
_X = "CASE WHEN ev.kind = :below_kind AND ev.name = :below THEN {x} ELSE 0 END"

_BEFORE = """
WITH covariates AS MATERIALIZED (
    SELECT u.who, least(CAST(:cap AS float8), sum({y})::float8) AS z
    FROM pg_temp.experiment_units u JOIN identity_keys k ON k.org_id = :org AND k.person_id = u.person_id
    JOIN events ev ON ev.org_id = :org AND ev.identity_key_id = k.id
     AND ev.occurred_at >= CAST(:start AS timestamptz) - make_interval(days => :cuped_days)
     AND ev.occurred_at >= u.first_at - make_interval(days => :cuped_days) AND ev.occurred_at < u.first_at
    WHERE ev.kind = :kind AND ev.name = :event
    GROUP BY u.who
)
"""
_NO_COVARIATES = "WITH covariates AS (SELECT NULL::text AS who, NULL::float8 AS z WHERE false)"

_EXPOSED = """
SELECT variant, {version} AS version, cohort, count(*) AS n, coalesce(sum(z), 0) AS z, coalesce(sum(z * z), 0) AS zz
FROM pg_temp.experiment_units LEFT JOIN covariates USING (who) GROUP BY 1, 2, 3
"""
_OUTCOMES = """
, days AS (
    SELECT u.who, u.variant, {version} AS version, u.cohort,
           greatest(u.cohort, floor(extract(epoch FROM ev.occurred_at - CAST(:start AS timestamptz)) / 86400)::int) AS day,
           sum({y})::float8 AS y, sum({x})::float8 AS x
    FROM pg_temp.experiment_units u JOIN identity_keys k ON k.org_id = :org AND k.person_id = u.person_id
    JOIN events ev ON ev.org_id = :org AND ev.identity_key_id = k.id AND ev.occurred_at >= CAST(:start AS timestamptz)
     AND ev.occurred_at >= u.first_at AND ev.occurred_at < u.first_at + CAST(:window AS float8) * interval '1 hour'
    WHERE {event}
    GROUP BY 1, 2, 3, 4, 5
), totals AS (
    SELECT *, sum(y) OVER path AS all_y, sum(x) OVER path AS all_x FROM days WINDOW path AS (PARTITION BY who ORDER BY day)
), steps AS (
    SELECT t.*, least(CAST(:cap AS float8), all_y) AS y1, least(CAST(:cap AS float8), all_y - t.y) AS y0, all_x AS x1, all_x - t.x AS x0,
           coalesce(c.z, 0) AS z
    FROM totals t LEFT JOIN covariates c USING (who)
)
SELECT variant, version, cohort, day, sum(y1 - y0) AS y, sum(y1 * y1 - y0 * y0) AS yy, sum(x1 - x0) AS x, sum(x1 * x1 - x0 * x0) AS xx,
       sum(x1 * y1 - x0 * y0) AS xy, sum(z * (y1 - y0)) AS yz, sum((y1 - y0) * (y1 - y0)) AS own
FROM steps GROUP BY variant, version, cohort, day
"""
_CURRENCIES = """
SELECT array_agg(DISTINCT ev.currency ORDER BY ev.currency) FILTER (WHERE ev.currency IS NOT NULL) AS currencies
FROM pg_temp.experiment_units u JOIN identity_keys k ON k.org_id = :org AND k.person_id = u.person_id
JOIN events ev ON ev.org_id = :org AND ev.identity_key_id = k.id AND ev.occurred_at >= CAST(:start AS timestamptz)
 AND ev.occurred_at >= u.first_at AND ev.occurred_at < u.first_at + CAST(:window AS float8) * interval '1 hour'
WHERE (:sums_y AND ev.kind = :kind AND ev.name = :event) OR (:sums_x AND ev.kind = :below_kind AND ev.name = :below)
"""
_COUNTS = "SELECT version, variant, count(*) AS n FROM pg_temp.experiment_units GROUP BY version, variant"
_CROSSED = """
SELECT count(*) FROM (SELECT unit FROM experiment_exposures WHERE experiment_id = :experiment GROUP BY unit HAVING count(*) > 1) twice
"""
_COMPLETE = "SELECT greatest(0, floor(extract(epoch FROM clock_timestamp() - CAST(:start AS timestamptz)) / 86400))::int"


class Units:
    """An experiment's units as the session's transaction sees them; gone with it, and with the next experiment's. Writes nothing else.

    The session sees the experiment's organisation.
    """

    def __init__(self, session: Session, experiment: Experiment) -> None:
        self._session, self._experiment = session, experiment
        self._at = {variant["key"]: n for n, variant in enumerate(experiment.variants)}
        for statement in (_TABLE, _EMPTIED, _UNITS, _COUNTED):
            session.execute(text(statement), _place(experiment) if statement is _UNITS else {})

    def counts(self) -> dict[int, list[int]]:
        """Units by version of the split, a number for each variant."""
        found: dict[int, list[int]] = {}
        for row in self._session.execute(text(_COUNTS)):
            if row.variant in self._at:
                found.setdefault(row.version, [0] * len(self._at))[self._at[row.variant]] = row.n
        return found

    def observe(self, metric: Metric) -> Observations:
        """Everything seen of one metric so far."""
        values, at = _values(self._experiment, metric), self._at
        sums = {"y": _Y.format(y=_amount(_sums_values(metric))), "x": _X.format(x=_amount(_sums_denominators(metric)))}
        before = _BEFORE.format(**sums) if metric.cuped_days else _NO_COVARIATES
        # A bandit's versions are many, and no strata: its days are what it learns by.
        version = "1" if self._experiment.kind == "bandit" else "version"
        outcomes = _OUTCOMES.format(**sums, event=_EVENT, version=version)
        seen = self._session.execute(text(before + _EXPOSED.format(version=version)), values).all()
        done = self._session.execute(text(before + outcomes), values).all()
        return Observations(
            variants=len(at),
            complete_days=self._session.execute(text(_COMPLETE), values).scalar_one(),
            exposed=tuple(
                Exposed(at[r.variant], r.version, r.cohort, float(r.n), float(r.z), float(r.zz)) for r in seen if r.variant in at
            ),
            outcomes=tuple(Outcome(at[r.variant], r.version, r.cohort, r.day, *map(float, r[4:])) for r in done if r.variant in at),
            problem=_problem(self._session, metric, values),
        )


def crossed(session: Session, experiment: Experiment) -> int:
    """Units that saw more than one variant, because the split changed; they count for the first."""
    return int(session.execute(text(_CROSSED), {"experiment": experiment.id}).scalar_one())


def _place(experiment: Experiment) -> dict[str, Any]:
    return {"org": experiment.org_id, "experiment": experiment.id, "start": experiment.started_at}


def _values(experiment: Experiment, metric: Metric) -> dict[str, Any]:
    return {
        **_place(experiment),
        "kind": metric.kind,
        "event": metric.event,
        "below_kind": metric.denominator_kind,
        "below": metric.denominator,
        "window": metric.window_hours,
        "cap": 1.0 if metric.type == "binomial" else metric.cap,
        "cuped_days": metric.cuped_days,
    }


def _sums_values(metric: Metric) -> bool:
    return metric.type == "revenue" or (metric.type != "binomial" and metric.of == "value")


def _sums_denominators(metric: Metric) -> bool:
    return metric.type == "ratio" and metric.denominator_of == "value"


def _amount(is_value: bool) -> str:
    return "coalesce(ev.value, 0)" if is_value else "1"


def _problem(session: Session, metric: Metric, values: dict[str, Any]) -> str:
    """Values without a currency are no money, and may be summed."""
    summed = {"sums_y": _sums_values(metric), "sums_x": _sums_denominators(metric)}
    if not any(summed.values()):
        return ""
    found: Sequence[str] = session.execute(text(_CURRENCIES), values | summed).scalar_one() or ()
    if len(found) < 2:
        return ""
    named = " or ".join(repr(name) for name, counts in ((metric.event, summed["sums_y"]), (metric.denominator, summed["sums_x"])) if counts)
    return f"{named} has values in {', '.join(found)}: sums of several currencies mean nothing; send one currency"
