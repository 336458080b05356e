"""`Prefer: wait=N` (RFC 7240): holding a request until its job has ended."""

from __future__ import annotations

import re
import time
import uuid

from api import capacity
from api.auth.caller import caller
from models.session import engine_statement

LONGEST = 30  # seconds
POLL = 0.2

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\d{1,6})")
_FINAL = "SELECT 1 FROM jobs WHERE id = :job AND org_id = :org AND state IN ('succeeded', 'failed', 'cancelled')"


def wanted_wait(prefer: str) -> float:
    """Seconds that the Prefer header asks to wait, within our own limit; 0 for none."""
    found = _WAIT.search(prefer.lower())
    return float(min(int(found[1]), LONGEST)) if found else 0.0


def wait_until_final(org_id: uuid.UUID, job_id: uuid.UUID, seconds: float) -> bool:
    """Whether the job ended in time. Does not wait when too many requests do already."""
    until = time.monotonic() + seconds
    with capacity.waits.place(caller().user_id) as placed:
        while placed and time.monotonic() < until:
            if engine_statement(_FINAL, {"job": job_id, "org": org_id}):
                return True
            time.sleep(POLL)
    return False
