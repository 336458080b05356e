"""One wake-up: claim the step, run its body, end it. The only place that reads an error's remedy in the engine."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable

from celery.exceptions import Ignore
from sqlalchemy.exc import DBAPIError

from core.errors import Cancelled, DrumbeatError, LeaseLost, StepFailed, Unavailable
from core.logging import logger, redact
from worker import children, dispatch, finish
from worker.claims import Claim, claim
from worker.context import StepContext
from worker.kinds import get_kind
from worker.leases import heartbeat
from worker.outcomes import Children, Outcome, Paused, Snooze, Wait
from worker.persistence import persist

_BACKOFF_SECONDS = (1.0, 4.0, 15.0, 60.0, 180.0)


class StepError(Exception):
    """Makes a failed step red in Flower; what to know about it is in the job."""


def run_step(job_id: str, step: str, generation: int, worker: str) -> None:
    """Run a step if it is ours to run. Returns when it is done, so that the Celery chain goes on; else raises.

    Ignore: it snoozed, waits, fanned out, was cancelled or was not to be had. StepError: it failed or will be retried.
    """
    asked = time.monotonic()
    held = claim(job_id, step, generation, worker)
    if held is None:
        raise Ignore
    lease = heartbeat().hold(held, asked)
    context = StepContext(held, lease)
    try:
        _end(held, context, lambda: _body(held, context))
    except LeaseLost as error:
        logger("worker").warning("step.fenced", job=job_id, step=step, attempt=held.attempt, reason=error.detail)
        raise Ignore from None
    finally:
        heartbeat().release(lease)
        lease.stop()
        context.close()


def _body(held: Claim, context: StepContext) -> Outcome:
    kind = get_kind(held.kind)
    declared = kind.find_step(held.step)
    if declared is None:
        raise StepFailed(f"This version of Drumbeat has no step {held.step} in {held.kind}", hint="Submit the job anew.")
    context.check()
    return declared.run(context, kind.parse(held.params))


def _end(held: Claim, context: StepContext, body: Callable[[], Outcome]) -> None:
    try:
        _attempt(held, context, body)
    except Cancelled:
        _join(persist(lambda: finish.cancelled(held)))
        dispatch.nudge()
        raise Ignore from None


def _attempt(held: Claim, context: StepContext, body: Callable[[], Outcome]) -> None:
    """Run the body and record its outcome; a fault of either is the step's."""
    try:
        _settle(held, context, _outcome(body))
    except (Cancelled, Ignore, LeaseLost):
        raise
    except DrumbeatError as error:
        _fault(held, error)
    except Exception as error:  # noqa: BLE001  (a bug of ours: kept with its traceback, tried again, then failed)
        logger("worker").exception("step.crashed", job=held.job_id, step=held.step)
        trace = redact(traceback.format_exc())
        persist(lambda: context.log(trace, level="error"))
        _fault(held, _Crash(_named(error)))


def _outcome(body: Callable[[], Outcome]) -> Outcome:
    try:
        return body()
    except Paused as paused:
        return paused.outcome


def _settle(held: Claim, context: StepContext, outcome: Outcome) -> None:
    match outcome:
        case Snooze():
            reason = outcome.reason or "comes back later"
            persist(lambda: finish.again(held, seconds=outcome.seconds, reason=reason, give_back=True, event="step.snoozed"))
            raise Ignore
        case Wait():
            persist(lambda: finish.wait(held, reason=outcome.reason, waits_for=outcome.waits_for, until=outcome.until))
            raise Ignore
        case Children():
            persist(lambda: children.spawn(held, outcome))
            dispatch.nudge()
            raise Ignore
        case _:
            state, parent = persist(lambda: finish.done(held, outcome or {}, context.writes))
            if state != "running":
                _join(parent)
                dispatch.nudge(urgent=False)


def _named(error: Exception) -> str:
    """A bug in one line. Of a database error its own first line: the statement and its values stay in the job's log."""
    words = str(error.orig) if isinstance(error, DBAPIError) and error.orig else str(error)
    return f"{type(error).__name__}: {redact(words.strip().splitlines()[0] if words.strip() else 'no message')[:300]}"


class _Crash(DrumbeatError):
    code, title = "step_crashed", "The step crashed"
    remedy = "retry"


def _fault(held: Claim, error: DrumbeatError) -> None:
    """What an error's remedy says is done; always raises."""
    stored = error.as_dict()
    if error.remedy == "retry" and held.spent < held.max_attempts:
        seconds = error.retry_after or _BACKOFF_SECONDS[min(held.spent, len(_BACKOFF_SECONDS)) - 1] * random.uniform(0.8, 1.2)
        reason = f"tries again in {seconds:.0f} s (attempt {held.spent} of {held.max_attempts}): {error.detail}"
        persist(lambda: finish.again(held, seconds=seconds, reason=reason, error=stored, give_back=False, event="step.retrying"))
    elif error.remedy == "wait" and error.retry_after is not None:
        seconds = error.retry_after
        persist(lambda: finish.again(held, seconds=seconds, reason=error.detail, error=stored, give_back=True, event="step.snoozed"))
        raise Ignore
    elif error.remedy in ("wait", "reconnect"):
        waits_for = "budget" if error.remedy == "wait" else "connection"
        reason = f"{error.detail}. {error.hint}".strip()
        persist(lambda: finish.wait(held, reason=reason, waits_for=waits_for, error=stored))
        raise Ignore
    else:
        _join(persist(lambda: finish.failed(held, stored)))
    dispatch.nudge()
    raise StepError(f"{error.code}: {error.detail}")


def _join(parent: str | None) -> None:
    if parent:
        try:
            children.join(parent)
        except Unavailable as error:
            logger("worker").warning("join.postponed", parent=parent, reason=error.detail)  # the sweep joins
