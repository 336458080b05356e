"""Fan-out and fan-in: child jobs keyed (step, generation, index), joined when the last one is final."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import StepFailed
from core.settings import get_settings
from models.session import engine_session
from worker import dispatch, events, finish
from worker.claims import Claim
from worker.end_hooks import run_end_hook
from worker.jsonb import jsonb
from worker.outcomes import Children
from worker.submission import insert, order

_PARENT = """
SELECT j.id, j.org_id, j.cancel_requested, s.name, s.generation, s.position, s.children FROM jobs j JOIN job_steps s ON s.job_id = j.id
WHERE j.id = :parent AND s.state = 'waiting' AND s.waits_for = 'children' AND NOT s.superseded
FOR NO KEY UPDATE OF j, s
"""
_CHILDREN = """
SELECT id, kind, state, result, error, child_index FROM jobs
WHERE parent_id = :parent AND parent_step = :name AND parent_generation = :generation ORDER BY child_index
"""
_JOINED = """
UPDATE job_steps SET state = 'done', output = CAST(:output AS jsonb), progress = 1, wait_reason = NULL, waits_for = NULL,
    finished_at = clock_timestamp()
WHERE job_id = :parent AND name = :name AND generation = :generation
"""
_NEXT = """
UPDATE job_steps SET state = 'ready', created_at = clock_timestamp(), woken_at = NULL
WHERE job_id = :parent AND position = :position + 1 AND NOT superseded AND state = 'blocked' RETURNING name
"""
_JOB_SUCCEEDED = """
UPDATE jobs SET state = 'succeeded', result = CAST(:output AS jsonb), wait_reason = NULL, finished_at = clock_timestamp()
WHERE id = :parent RETURNING id, org_id, kind, params, campaign_id, parent_id
"""
_JOB_GOES_ON = "UPDATE jobs SET state = 'running', wait_reason = NULL WHERE id = :parent"
_STEP_FAILED = """
UPDATE job_steps SET state = 'failed', error = CAST(:error AS jsonb), wait_reason = NULL, waits_for = NULL, finished_at = clock_timestamp()
WHERE job_id = :parent AND name = :name AND generation = :generation
"""
_STEP_PROGRESS = """
UPDATE job_steps SET progress = :progress, wait_reason = :reason WHERE job_id = :parent AND name = :name AND generation = :generation
"""
_JOB_REASON = "UPDATE jobs SET wait_reason = :reason WHERE id = :parent AND state = 'waiting'"
_FINAL = ("succeeded", "failed", "cancelled")


def spawn(claim: Claim, children: Children) -> None:
    """Create the child jobs and let the step wait for them, in one transaction. Doing it twice makes them once."""
    limit = get_settings().max_children
    if not children.jobs or len(children.jobs) > limit:
        raise StepFailed(f"Step {claim.step} asks for {len(children.jobs)} child jobs; from 1 to {limit} are possible")
    orders = [
        order(
            org_id=claim.org_id,
            kind=child.kind,
            params=child.params,
            campaign_id=claim.campaign_id,
            created_by=claim.created_by,
            priority=claim.priority if child.priority is None else child.priority,
            parent_id=claim.job_id,
            parent_step=claim.step,
            parent_generation=claim.generation,
            child_index=index,
        )
        for index, child in enumerate(children.jobs)
    ]
    policy = {"total": len(orders), "on_failure": children.on_failure, "min_success": children.min_success, "keep": children.keep}
    finish.wait(claim, reason=_reason(len(orders)), waits_for="children", children=policy, also=lambda session: _insert(session, orders))


def _insert(session: Session, orders: list[dict[str, Any]]) -> None:
    insert(session, orders)


def join(parent_id: str) -> None:
    """A child of this job became final: finish or fail the waiting step if that decides it. May run any number of times."""
    with engine_session() as session:
        parent = session.execute(text(_PARENT), {"parent": parent_id}).first()
        if parent is None or parent.cancel_requested:
            return  # nothing waits, or the sweep cancels it
        at = {"parent": parent.id, "name": parent.name, "generation": parent.generation}
        jobs = session.execute(text(_CHILDREN), at).all()
        open_ = [j for j in jobs if j.state not in _FINAL]
        bad = [j for j in jobs if j.state in ("failed", "cancelled")]
        policy = parent.children
        if bad and policy["on_failure"] == "fail":
            grandparent = _fail(session, at, bad, policy["total"])
        elif open_:
            _note_progress(session, at, len(jobs) - len(open_), len(open_), policy["total"])
            return
        elif len(jobs) - len(bad) < policy["min_success"]:
            grandparent = _fail(session, at, bad, policy["total"])
        else:
            grandparent = _complete(session, at, jobs, len(bad), parent.position, policy["keep"])
    dispatch.nudge()
    if grandparent:
        join(str(grandparent))


def _complete(session: Session, at: dict[str, Any], jobs: Any, bad: int, position: int, keep: dict[str, Any]) -> Any:
    children = [{"job_id": str(j.id), "kind": j.kind, "state": j.state, "result": j.result, "error": j.error} for j in jobs]
    output = jsonb({**keep, "children": children, "succeeded": len(jobs) - bad, "failed": bad})
    session.execute(text(_JOINED), {**at, "output": output})
    events.append(session, at["parent"], "step.done", step=at["name"], children=len(jobs), failed=bad)
    if session.execute(text(_NEXT), {**at, "position": position}).first():
        session.execute(text(_JOB_GOES_ON), at)
        return None
    job = session.execute(text(_JOB_SUCCEEDED), {**at, "output": output}).one()
    events.append(session, at["parent"], "job.succeeded")
    run_end_hook(session, job, "succeeded", None)
    return job.parent_id


def _fail(session: Session, at: dict[str, Any], bad: Any, total: int) -> str | None:
    first = next((j.error for j in bad if j.error), None) or {"detail": "cancelled", "code": "cancelled"}
    cause = first.get("cause", first)  # of nested fan-outs the innermost, which is what went wrong
    error = StepFailed(f"{len(bad)} of {total} child jobs failed: {cause['detail']}", hint=cause.get("hint", "")).as_dict()
    error.update({"cause": cause, "children": [str(j.id) for j in bad]})
    session.execute(text(_STEP_FAILED), {**at, "error": jsonb(error)})
    events.append(session, at["parent"], "step.failed", step=at["name"], error=error)
    return finish.end_job(session, at["parent"], "failed", error)


def _note_progress(session: Session, at: dict[str, Any], final: int, open_: int, total: int) -> None:
    reason = _reason(open_)
    session.execute(text(_STEP_PROGRESS), {**at, "progress": final / total, "reason": reason})
    session.execute(text(_JOB_REASON), {**at, "reason": reason})
    events.append(session, at["parent"], "child.finished", step=at["name"], final=final, total=total)


def _reason(open_: int) -> str:
    return f"waits for {open_} {'child' if open_ == 1 else 'children'}"
