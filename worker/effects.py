"""Outside effects: an intent before the call, the vendor's receipt after it.

Irreversible (a post, a mail): the key says what is done and never the attempt. An intent without a receipt is
looked up at the vendor; "not found" is believed only after the vendor's settle time, which is longer than our
own deadline for a call, and what stays in doubt is parked for a person.

Repeatable (a paid generation): repeated within the budget, the lost call entered as maybe billed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from core.errors import DrumbeatError, LeaseLost, OutcomeUnknown, VendorThrottled
from core.settings import get_settings
from models.session import org_session
from worker import gates
from worker.budget import check_budget
from worker.claims import Claim
from worker.jsonb import jsonb
from worker.leases import Lease
from worker.outcomes import Paused, Snooze, Wait
from worker.persistence import persist

Receipt = dict[str, Any]
Send = Callable[[Callable[[], None]], tuple[Receipt, Decimal]]
Find = Callable[[datetime], Receipt | None]

_LOOKUP_OVERLAP = timedelta(seconds=60)  # the vendor's clock may run behind ours
_LOOKUP_PATIENCE_SECONDS = 3600.0  # after which a look-up that keeps failing counts as doubt

_INTEND = """
INSERT INTO effects (id, org_id, job_id, step, campaign_id, key, class, vendor, what, estimate, simulated)
VALUES (:id, :org, :job, :step, :campaign, :key, :class, :vendor, :what, :estimate, :simulated)
ON CONFLICT (org_id, key) DO NOTHING
"""
_READ = """
SELECT id, state, sends, sent_at, receipt, extract(epoch FROM clock_timestamp() - sent_at)::float8 AS age
FROM effects WHERE org_id = :org AND key = :key
"""
# The last write before a request leaves: only by the attempt that holds the step, only under a live lease, and only
# if no other job (the key is the organisation's) has sent since this one looked.
_SENDING = """
UPDATE effects e SET state = 'intent', sends = e.sends + 1, sent_at = clock_timestamp(), error = NULL, estimate = :estimate
FROM job_steps s
WHERE e.id = :effect AND e.state IN ('intent', 'failed') AND e.sends = :sends
  AND s.job_id = :job AND s.name = :name AND s.generation = :generation AND s.attempt = :attempt
  AND s.state = 'running' AND s.lease_until > clock_timestamp()
RETURNING e.sends
"""
_RECEIVED = """
UPDATE effects SET state = 'done', receipt = CAST(:receipt AS jsonb), error = NULL, finished_at = clock_timestamp()
WHERE id = :effect AND state <> 'done' RETURNING id
"""
# Known not to have happened; `sends` keeps a fenced attempt from saying so of its successor's request.
_NOT_DONE = """
UPDATE effects SET state = 'failed', error = CAST(:error AS jsonb) WHERE id = :effect AND state = 'intent' AND sends = :sends
"""
# Only an intent: an attempt that was frozen meanwhile must not put in doubt what its successor knows.
_DOUBT = "UPDATE effects SET state = 'needs_review', error = CAST(:error AS jsonb) WHERE id = :effect AND state = 'intent'"
_MAYBE_BILLED = "UPDATE effects SET maybe_billed = true WHERE id = :effect"
_ENTER_COST = """
INSERT INTO cost_entries (org_id, campaign_id, job_id, step, effect_id, vendor, what, amount, maybe_billed, simulated)
VALUES (:org, :campaign, :job, :step, :effect, :vendor, :what, :amount, :maybe, :simulated)
"""


@dataclass(frozen=True)
class Effect:
    """What is about to happen outside. key: unique in the organisation."""

    key: str
    class_: str
    vendor: str
    what: str
    estimate: Decimal
    simulated: bool


def repeatable(claim: Claim, lease: Lease, effect: Effect, call: Callable[[], tuple[Receipt, Decimal]]) -> Receipt:
    """Make a paid call once, or again after a lost answer; its receipt. Raises BudgetExceeded and what `call` raises."""
    row, known = _begin(claim, effect)
    if known is not None:
        return known
    if row.state == "intent" and row.sends > 0:
        _enter_lost_call(claim, effect, row.id)
    lease.check()
    sends = _about_to_send(claim, effect, row)
    return _call(claim, effect, row.id, sends, call)


def irreversible(claim: Claim, lease: Lease, effect: Effect, send: Send, find: Find | None) -> Receipt:
    """Do something outside exactly once; its receipt.

    send: given a fence to call right before the bytes leave. find: looks for the effect at the vendor; None when
    the vendor has no look-up. Parks the step (Paused) while the outcome settles or a person must decide.
    """
    row, known = _begin(claim, effect)
    if known is not None:
        return known
    if row.state == "needs_review":
        raise Paused(_review(effect))
    if row.state == "intent" and row.sends > 0:
        found = _look_up(claim, effect, row, find)
        if found is not None:
            _record(claim, effect, row.id, found, effect.estimate)
            return found
    sends = _about_to_send(claim, effect, row)
    return _call(claim, effect, row.id, sends, lambda: send(lease.fence))


def settle_by_hand(session: Session, effect_id: object, *, sent: bool, receipt: Receipt | None) -> Row[Any] | None:
    """A person's word on an effect in doubt; its row, or None when it is not. One that happened is entered at its estimate."""
    if sent:
        change, values = (
            "state = 'done', receipt = CAST(:receipt AS jsonb), finished_at = clock_timestamp()",
            {"receipt": jsonb(receipt or {})},
        )
    else:
        change, values = "state = 'failed'", {}
    sql = f"UPDATE effects SET {change} WHERE id = :effect AND state = 'needs_review' RETURNING *"
    settled = session.execute(text(sql), {"effect": effect_id, **values}).first()
    if settled and sent:
        names = {"org": settled.org_id, "campaign": settled.campaign_id, "job": settled.job_id, "step": settled.step}
        what = {"effect": effect_id, "vendor": settled.vendor, "what": settled.what, "simulated": settled.simulated}
        session.execute(text(_ENTER_COST), {**names, **what, "amount": settled.estimate, "maybe": True})
    return settled


def _begin(claim: Claim, effect: Effect) -> tuple[Row[Any], Receipt | None]:
    with org_session(claim.org_id) as session:
        values = {
            "id": uuid.uuid4(),
            **_names(claim, effect),
            "key": effect.key,
            "class": effect.class_,
            "estimate": effect.estimate,
        }
        session.execute(text(_INTEND), values)
        row = session.execute(text(_READ), {"org": claim.org_id, "key": effect.key}).one()
    if row.state == "done":
        return row, row.receipt
    gates.pass_or_snooze(claim.org_id, effect.vendor)
    return row, None


def _about_to_send(claim: Claim, effect: Effect, row: Row[Any]) -> int:
    """The number of this sending. Raises BudgetExceeded, LeaseLost; parks the step while another job is at it."""
    with org_session(claim.org_id) as session:
        check_budget(session, claim.campaign_id, row.id, effect.estimate, effect.what)
        values = {**claim.key, "effect": row.id, "estimate": effect.estimate, "sends": row.sends}
        if session.execute(text(_SENDING), values).first():
            return int(row.sends) + 1
        now = session.execute(text(_READ), {"org": claim.org_id, "key": effect.key}).one()
    if (now.state, now.sends) != (row.state, row.sends):
        raise Paused(Snooze(1.0, f"another job is at it: {effect.what}"))
    raise LeaseLost(f"Step {claim.step} lost its lease before: {effect.what}")


def _call(claim: Claim, effect: Effect, effect_id: object, sends: int, call: Callable[[], tuple[Receipt, Decimal]]) -> Receipt:
    try:
        receipt, cost = call()
    except OutcomeUnknown:
        raise  # stays an intent that may have happened
    except DrumbeatError as error:
        if isinstance(error, VendorThrottled):
            error.retry_after = gates.close(claim.org_id, effect.vendor, error.retry_after)
        with org_session(claim.org_id) as session:
            session.execute(text(_NOT_DONE), {"effect": effect_id, "sends": sends, "error": jsonb(error.as_dict())})
        raise
    persist(lambda: _record(claim, effect, effect_id, receipt, cost))
    return receipt


def _record(claim: Claim, effect: Effect, effect_id: object, receipt: Receipt, cost: Decimal) -> None:
    """Kept even when the lease is lost by now: what happened outside happened."""
    with org_session(claim.org_id) as session:
        fresh = session.execute(text(_RECEIVED), {"effect": effect_id, "receipt": jsonb(receipt)}).first()
        if fresh:
            session.execute(text(_ENTER_COST), {**_names(claim, effect), "effect": effect_id, "amount": cost, "maybe": False})


def _enter_lost_call(claim: Claim, effect: Effect, effect_id: object) -> None:
    with org_session(claim.org_id) as session:
        session.execute(text(_MAYBE_BILLED), {"effect": effect_id})
        session.execute(text(_ENTER_COST), {**_names(claim, effect), "effect": effect_id, "amount": effect.estimate, "maybe": True})


def _look_up(claim: Claim, effect: Effect, row: Row[Any], find: Find | None) -> Receipt | None:
    """The receipt if the vendor shows the effect, None once its absence is believed; else parks the step."""
    settle = get_settings().vendor_settle_seconds
    if find is None:
        raise Paused(_park(claim, effect, row.id, "the vendor offers no way to look it up"))
    try:
        found = find(row.sent_at - _LOOKUP_OVERLAP)
    except DrumbeatError as error:
        if error.remedy in ("retry", "wait") and row.age < _LOOKUP_PATIENCE_SECONDS:
            pause = error.retry_after or max(settle, row.age) / 4
            raise Paused(Snooze(pause, f"asks {effect.vendor} whether it was done: {effect.what}")) from error
        raise Paused(_park(claim, effect, row.id, error.detail)) from error
    if found is None and row.age < settle:
        raise Paused(Snooze(settle - row.age + 0.1, f"waits until {effect.vendor} surely shows whether it was done: {effect.what}"))
    return found


def _park(claim: Claim, effect: Effect, effect_id: object, why: str) -> Wait:
    with org_session(claim.org_id) as session:
        session.execute(text(_DOUBT), {"effect": effect_id, "error": jsonb({"code": "needs_review", "detail": why})})
    return _review(effect)


def _review(effect: Effect) -> Wait:
    return Wait(f"needs review: nobody can tell whether this was done: {effect.what}", waits_for="review")


def _names(claim: Claim, effect: Effect) -> dict[str, Any]:
    return {
        "org": claim.org_id,
        "job": claim.job_id,
        "step": claim.step,
        "campaign": claim.campaign_id,
        "vendor": effect.vendor,
        "what": effect.what,
        "simulated": effect.simulated,
    }
