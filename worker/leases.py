"""Leases of the steps this process runs, and the heartbeat that extends them.

One statement a heartbeat serves all steps of the process. A step whose row no longer answers to its attempt
is fenced; one whose job is to be cancelled is told so; one past its deadline is no longer extended.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field

from core.errors import Cancelled, LeaseLost, Unavailable
from core.logging import logger
from core.settings import get_settings
from models.session import engine_session, engine_statement
from worker import events
from worker.claims import Claim
from worker.jsonb import jsonb
from worker.processes import end_group

_EXTEND = """
UPDATE job_steps s SET lease_until = clock_timestamp() + :lease * interval '1 second', progress = mine.progress, message = mine.message
FROM jsonb_to_recordset(CAST(:mine AS jsonb)) AS mine(job uuid, name text, generation int, attempt int, progress float8, message text)
JOIN jobs j ON j.id = mine.job
WHERE s.job_id = mine.job AND s.name = mine.name AND s.generation = mine.generation AND s.attempt = mine.attempt AND s.state = 'running'
RETURNING s.job_id, s.name, s.generation, s.attempt, j.cancel_requested
"""

_RECYCLE_GRACE_SECONDS = 5.0
_FENCE_MARGIN_SECONDS = 0.5  # clocks of two hosts may drift by this much over one lease


@dataclass
class Lease:
    """This process's hold on one step. Times are of the monotonic clock, which a stopped process cannot outlive."""

    claim: Claim
    expires: float
    deadline: float
    progress: float = 0.0
    message: str = ""
    told: tuple[float, str] = (0.0, "")  # progress last written as an event
    cancelled: bool = False
    lost: bool = False
    groups: set[int] = field(default_factory=set)  # process groups of child processes

    def check(self) -> None:
        """Raises Cancelled or LeaseLost when the step must stop."""
        if self.lost:
            raise LeaseLost(f"Step {self.claim.step} is no longer held by this worker")
        if self.cancelled:
            raise Cancelled("The job was cancelled")

    def fence(self) -> None:
        """`check`, and the lease has not run out meanwhile: the last look before an irreversible request leaves."""
        self.check()
        if time.monotonic() > self.expires - _FENCE_MARGIN_SECONDS:
            raise LeaseLost(f"The lease of step {self.claim.step} ran out before its request left")

    def stop(self) -> None:
        """End the step's child processes."""
        for group in list(self.groups):
            end_group(group)


class Heartbeat:
    """All leases of this process, and the thread that keeps them."""

    def __init__(self) -> None:
        self._leases: dict[tuple[str, str, int], Lease] = {}
        self._guard = threading.Lock()
        threading.Thread(target=self._beat_for_ever, name="heartbeat", daemon=True).start()

    def hold(self, claim: Claim, claimed_at: float) -> Lease:
        """Start extending; claimed_at is the monotonic time before the claim was sent."""
        lease = Lease(claim, expires=claimed_at + get_settings().lease_seconds, deadline=claimed_at + claim.deadline_seconds)
        with self._guard:
            self._leases[(claim.job_id, claim.step, claim.generation)] = lease
        return lease

    def release(self, lease: Lease) -> None:
        key = (lease.claim.job_id, lease.claim.step, lease.claim.generation)
        with self._guard:
            if self._leases.get(key) is lease:
                del self._leases[key]

    def _beat_for_ever(self) -> None:
        while True:
            time.sleep(get_settings().heartbeat_seconds)
            try:
                self._beat()
            except Unavailable as error:
                logger("worker").warning("heartbeat.missed", reason=error.detail)
            except Exception:  # noqa: BLE001  (the thread must outlive any one pass)
                logger("worker").exception("heartbeat.failed")

    def _beat(self) -> None:
        with self._guard:
            held = list(self._leases.values())
        for lease in [x for x in held if time.monotonic() > x.deadline]:
            self._overdue(lease)
        live = [x for x in held if not x.lost]
        if not live:
            return
        sent = time.monotonic()
        mine = [{**x.claim.key, "progress": x.progress, "message": x.message or None} for x in live]
        rows = engine_statement(_EXTEND, {"mine": jsonb(mine), "lease": get_settings().lease_seconds})
        answered = {(str(r.job_id), r.name, r.generation, r.attempt): r.cancel_requested for r in rows}
        for lease in live:
            self._learn(lease, answered, sent)

    def _learn(self, lease: Lease, answered: dict[tuple[str, str, int, int], bool], sent: float) -> None:
        claim = lease.claim
        cancelled = answered.get((claim.job_id, claim.step, claim.generation, claim.attempt))
        if cancelled is None:
            with self._guard:
                still_held = self._leases.get((claim.job_id, claim.step, claim.generation)) is lease
            if still_held:  # else it finished while the statement ran
                lease.lost = True
                lease.stop()
            return
        lease.expires = sent + get_settings().lease_seconds
        if cancelled:
            lease.cancelled = True
            lease.stop()
        elif (lease.progress, lease.message) != lease.told:
            _tell_progress(lease)

    def _overdue(self, lease: Lease) -> None:
        """A hung call in a thread cannot be killed: let the lease run out and, if it does not end by itself, replace the process."""
        if not lease.lost:
            logger("worker").error("step.overdue", job=lease.claim.job_id, step=lease.claim.step, seconds=lease.claim.deadline_seconds)
            lease.lost = True
            lease.stop()
        elif time.monotonic() > lease.deadline + _RECYCLE_GRACE_SECONDS:
            logger("worker").error("process.recycled", pid=os.getpid(), step=lease.claim.step)
            os.kill(os.getpid(), signal.SIGKILL)  # its other steps are claimed again when their leases run out


def _tell_progress(lease: Lease) -> None:
    lease.told = (lease.progress, lease.message)
    with engine_session() as session:
        events.append(
            session,
            lease.claim.job_id,
            "step.progress",
            step=lease.claim.step,
            progress=round(lease.told[0], 4),
            message=lease.told[1],
            attempt=lease.claim.attempt,
        )


_hearts: dict[int, Heartbeat] = {}  # by process id: a forked child starts its own
_starting = threading.Lock()


def heartbeat() -> Heartbeat:
    """This process's heartbeat, started by the first step it runs."""
    pid = os.getpid()
    with _starting:
        if pid not in _hearts:
            _hearts[pid] = Heartbeat()
    return _hearts[pid]
