"""The verdict: what the vendors' own ledger and Postgres say about the jobs that were accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cli.storm.kinds import PRICE
from cli.storm.plan import Work
from cli.storm.recovery import rows

JOBS = "SELECT id::text, kind, state, result, error, wait_reason, parent_id::text FROM jobs"
OPEN = "SELECT count(*) AS n FROM jobs WHERE state NOT IN ('succeeded', 'failed', 'cancelled')"
DOUBTFUL = "SELECT id::text, org_id::text, key FROM effects WHERE state = 'needs_review'"
_CHARGED = """
SELECT e.key, coalesce(sum(c.amount), 0) AS usd FROM effects e LEFT JOIN cost_entries c ON c.effect_id = e.id
WHERE e.class = 'repeatable' GROUP BY 1
"""
# A record that contradicts itself: a gap in the events, two ends of a job or of a step, an end without its steps' ends.
_CONTRADICTIONS = """
SELECT j.id::text, 'events are numbered with gaps' AS what FROM jobs j JOIN job_events e ON e.job_id = j.id
GROUP BY j.id HAVING count(*) <> max(e.seq) OR max(e.seq) <> j.last_event
UNION ALL
SELECT job_id::text, 'ended ' || count(*) || ' times' FROM job_events
WHERE type IN ('job.succeeded', 'job.failed', 'job.cancelled') GROUP BY job_id HAVING count(*) > 1
UNION ALL
SELECT job_id::text, 'step ' || step || ' was done ' || count(*) || ' times' FROM job_events
WHERE type = 'step.done' GROUP BY job_id, step HAVING count(*) > 1
UNION ALL
SELECT s.job_id::text, 'succeeded with step ' || s.name || ' ' || s.state FROM job_steps s JOIN jobs j ON j.id = s.job_id
WHERE j.state = 'succeeded' AND s.state <> 'done'
"""
_FINAL = ("succeeded", "failed", "cancelled")


@dataclass
class Verdict:
    """Each finding is one sentence, so that a storm that fails says where to look."""

    lost: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    duplicate_effects: list[str] = field(default_factory=list)
    missing_effects: list[str] = field(default_factory=list)
    wrongly_in_review: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[str]:
        return [*self.lost, *self.stuck, *self.duplicate_effects, *self.missing_effects, *self.wrongly_in_review]


def judge(
    url: str, works: Sequence[Work], accepted: Mapping[str, str], ledger: Iterable[Mapping[str, Any]], reviewed: Iterable[str]
) -> Verdict:
    """accepted: job id by the work's key. reviewed: keys of the effects that waited for a person."""
    jobs = {row["id"]: row for row in rows(url, JOBS)}
    verdict = Verdict()
    for work in works:
        _judge_job(verdict, work, jobs.get(accepted.get(work.key, "")))
    for job in jobs.values():
        if job["parent_id"]:
            _judge_end(verdict, f"child {job['kind']} {job['id']}", job)
    verdict.lost += [f"job {row['id']} {row['what']}" for row in rows(url, _CONTRADICTIONS)]
    _judge_effects(verdict, url, works, ledger)
    blind = {key for work in works for key in work.blind}
    verdict.wrongly_in_review += [f"{key} waited for a person although the vendor can tell" for key in reviewed if key not in blind]
    return verdict


def _judge_job(verdict: Verdict, work: Work, job: Mapping[str, Any] | None) -> None:
    if job is None:
        verdict.lost.append(f"{work.key} ({work.kind}) was accepted and is not there")
        return
    _judge_end(verdict, f"{work.key} ({work.kind}) {job['id']}", job)
    if job["state"] == "succeeded" and work.result is not None:
        wrong = {name: job["result"].get(name) for name, value in work.result.items() if job["result"].get(name) != value}
        verdict.lost += [f"{work.key} ({work.kind}) answered {wrong} instead of {work.result}"] if wrong else []


def _judge_end(verdict: Verdict, name: str, job: Mapping[str, Any]) -> None:
    if job["state"] not in _FINAL:
        verdict.stuck.append(f"{name} is still {job['state']}: {job['wait_reason']}")
    elif job["state"] != "succeeded":
        verdict.lost.append(f"{name} {job['state']}: {job['error']}")


def _judge_effects(verdict: Verdict, url: str, works: Sequence[Work], ledger: Iterable[Mapping[str, Any]]) -> None:
    seen = Counter((entry["kind"], entry["key"]) for entry in ledger)
    charged: dict[str, Decimal] = {row["key"].rpartition("/")[2]: row["usd"] for row in rows(url, _CHARGED)}
    for work in works:
        for key in work.effects:
            count = seen["effect", key]
            verdict.duplicate_effects += [f"effect {key} was made {count} times"] * max(0, count - 1)
            verdict.missing_effects += [f"effect {key} was not made"] if count == 0 else []
        for key in work.paid:
            count, usd = seen["paid", key], charged.get(key, Decimal(0))
            verdict.missing_effects += [f"paid call {key} was not made"] if count == 0 else []
            verdict.missing_effects += [f"{count} calls of {key} were billed, {usd} USD are entered"] if usd < count * PRICE else []
