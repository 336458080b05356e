"""One sentence for people: go on, a winner, no difference, or harm; and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.experiments.contrast import Design
from pipelines.experiments.design import Metric
from pipelines.experiments.looks import Finding
from pipelines.experiments.reading import Against, MetricReading


@dataclass(frozen=True)
class Verdict:
    """word: winner, loser, harm, no difference, go on, no data. variant: whom it is about, if anybody."""

    word: str
    variant: str | None
    sentence: str


def judge(design: Design, readings: Sequence[MetricReading]) -> Verdict:
    """From the readings that allow to look at any time; a guardrail's harm comes before a win."""
    primary = next((one for one in readings if one.metric.role == "primary"), None)
    if primary is None or all(against.problem for against in primary.against):
        problem = primary.against[0].problem if primary and primary.against else "No primary metric was read"
        return Verdict("no data", None, f"{problem}.".replace("..", "."))
    if design.adaptive:
        return _by_belief(primary)
    return _harm(readings) or _found(primary) or _undecided(design, primary)


def _by_belief(primary: MetricReading) -> Verdict:
    best = max((arm for arm in primary.arms if arm.belief), key=lambda arm: arm.belief.best if arm.belief else 0.0, default=None)
    if best is None or best.belief is None:
        return Verdict("no data", None, "Nothing is known of some variant yet.")
    return Verdict("go on", best.variant, f"{best.variant} leads: it is the best with {best.belief.best:.1%}.")


def _harm(readings: Sequence[MetricReading]) -> Verdict | None:
    for one in readings:
        for against in one.against:
            if one.metric.role == "guardrail" and _is_harmed(one.metric, against):
                told = f"{against.variant} harms the guardrail {one.metric.key!r} by more than {one.metric.margin:.0%}."
                return Verdict("harm", against.variant, told)
    return None


def _is_harmed(metric: Metric, against: Against) -> bool:
    """The whole always-valid interval lies beyond the margin."""
    found, compared = against.anytime, against.compared
    if compared is None or found.low is None or found.high is None:
        return False
    allowed = metric.margin * abs(float(compared.difference / compared.relative)) if compared.relative else 0.0
    return found.high < -allowed if metric.goal == "increase" else found.low > allowed


def _found(primary: MetricReading) -> Verdict | None:
    """The best of the variants that differ, if one is better; else the worst that is worse, once all are."""
    sign = 1 if primary.metric.goal == "increase" else -1
    sure = [(sign * float(a.compared.difference), a) for a in primary.against if a.compared and _by(a)]
    if not sure:
        return None
    gain, against = max(sure, key=lambda pair: pair[0])
    if gain <= 0 and len(sure) < len(primary.against):
        return None
    name, finding = _by(against) or ("", against.anytime)
    told = f"{against.variant} is {'better' if gain > 0 else 'worse'} than the control in {primary.metric.key!r}{_size(against)}"
    return Verdict("winner" if gain > 0 else "loser", against.variant, f"{told}; {name}, reached on day {(finding.day or 0) + 1}.")


def _by(against: Against) -> tuple[str, Finding] | None:
    if against.planned.significant:
        return "planned looks", against.planned
    return ("always-valid", against.anytime) if against.anytime.significant else None


def _size(against: Against) -> str:
    relative = against.compared.relative if against.compared else None
    return f" by {abs(float(relative)):.1%}" if relative is not None else ""


def _undecided(design: Design, primary: MetricReading) -> Verdict:
    planned, seen = design.plan.planned_units, sum(arm.units for arm in primary.arms)
    if planned and seen >= planned:
        return Verdict("no difference", None, f"All {planned:,} planned units are in, and no difference was found.")
    left = f"{planned - seen:,} of {planned:,} planned units are still to come" if planned else "no end was planned"
    return Verdict("go on", None, f"No difference is certain yet; {left}.")
