"""What a step's body is given: its job, its lease, and the ways to the outside."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import StepFailed
from models.session import org_session
from providers.contracts.storage import Blob
from worker import effects, processes
from worker.claims import Claim
from worker.jsonb import plain
from worker.leases import Lease
from worker.outputs import commit_files, keep_file

_OUTPUT = "SELECT output FROM job_steps WHERE job_id = :job AND name = :name AND NOT superseded AND state = 'done'"
_LOG = "INSERT INTO job_logs (job_id, org_id, step, attempt, level, message) VALUES (:job, :org, :step, :attempt, :level, :message)"
_LOG_LIMIT = 4000


class StepContext:
    """One attempt of one step."""

    def __init__(self, claim: Claim, lease: Lease) -> None:
        self._claim = claim
        self._lease = lease
        self._kept: list[str] = []
        self.writes: list[Callable[[Session], None]] = []
        self.org_id = claim.org_id
        self.job_id = claim.job_id
        self.campaign_id = claim.campaign_id
        self.created_by = claim.created_by
        self.kind = claim.kind
        self.step = claim.step
        self.attempt = claim.attempt
        self.generation = claim.generation
        self.resolution = claim.resolution  # from whoever resolved the step's wait

    def check(self) -> None:
        """Raises Cancelled or LeaseLost when the step must stop; costs nothing."""
        self._lease.check()

    def progress(self, fraction: float, message: str = "") -> None:
        """0..1 of this step; told to watchers at the next heartbeat. Raises Cancelled or LeaseLost."""
        self._lease.progress = min(max(float(fraction), 0.0), 1.0)
        self._lease.message = message or self._lease.message
        self._lease.check()

    def log(self, message: str, level: str = "info") -> None:
        """A line in the job's log."""
        with self.session() as session:
            values = {"job": self.job_id, "org": self.org_id, "step": self.step, "attempt": self.attempt, "level": level}
            session.execute(text(_LOG), {**values, "message": plain(message[:_LOG_LIMIT])})

    def output(self, step: str) -> dict[str, Any]:
        """The output of an earlier step. Raises StepFailed when it has none."""
        with self.session() as session:
            row = session.execute(text(_OUTPUT), {"job": self.job_id, "name": step}).first()
        if row is None:
            raise StepFailed(f"Step {step} has no output", hint=f"Replay the job from {step}.")
        return dict(row.output)

    def session(self) -> AbstractContextManager[Session]:
        """A transaction of its own that sees this organisation's rows."""
        return org_session(self.org_id)

    def on_done(self, write: Callable[[Session], None]) -> None:
        """Write domain rows in the transaction that finishes the step: both happen or neither."""
        self.writes.append(write)

    def process(self, argv: Sequence[str], on_line: Callable[[str], None] | None = None) -> None:
        """Run a program to its end; a cancel or a lost lease kills its process group. Raises StepFailed, Cancelled, LeaseLost."""
        processes.run(argv, on_line=on_line, check=self.check, groups=self._lease.groups, cwd=str(self.workdir))

    @cached_property
    def workdir(self) -> Path:
        """A folder of this attempt, removed when it ends."""
        return Path(tempfile.mkdtemp(prefix=f"drumbeat-{self.step}-"))

    def keep(self, source: Path | BinaryIO, name: str, media_type: str) -> Blob:
        """Store a file under a name that holds the attempt; it stays if the step commits, else the sweeper removes it."""
        self.check()
        key = f"{self.org_id}/jobs/{self.job_id}/{self.step}/{self.generation}.{self.attempt}/{name}"
        blob = keep_file(self.org_id, self.job_id, key, source, media_type)
        self.adopt(key)
        return blob

    def adopt(self, key: str) -> None:
        """Make a file of an earlier attempt this one's: it stays if the step commits."""
        if not self._kept:
            self.writes.append(lambda session: commit_files(session, self._kept))
        self._kept.append(key)

    def paid(
        self, key: str, *, vendor: str, what: str, estimate: Decimal, simulated: bool, call: Callable[[], tuple[dict[str, Any], Decimal]]
    ) -> dict[str, Any]:
        """A paid, repeatable call: `call` returns (receipt, USD). A repeated step gets the stored receipt. key: unique in the step."""
        full = f"{self.job_id}/{self.step}/{self.generation}/{key}"
        return effects.repeatable(self._claim, self._lease, effects.Effect(full, "repeatable", vendor, what, estimate, simulated), call)

    def publish(
        self,
        key: str,
        *,
        vendor: str,
        what: str,
        estimate: Decimal,
        simulated: bool,
        send: effects.Send,
        find: Callable[[datetime], dict[str, Any] | None] | None,
    ) -> dict[str, Any]:
        """An irreversible effect, done exactly once in the organisation under this key; see `worker.effects`."""
        return effects.irreversible(
            self._claim, self._lease, effects.Effect(key, "irreversible", vendor, what, estimate, simulated), send, find
        )

    def close(self) -> None:
        """Remove the working folder."""
        if "workdir" in self.__dict__:
            shutil.rmtree(self.workdir, ignore_errors=True)
