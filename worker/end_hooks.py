"""What a kind writes when a job of it has its final state."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.logging import logger
from worker.kinds import end_hook


def run_end_hook(session: Session, job: Any, state: str, error: dict[str, Any] | None) -> None:
    """Let the job's kind write what its end means, in the caller's transaction.

    job: id, org_id, kind, params, campaign_id. A hook that raises is undone and logged: it must not keep a job open.
    Only a lost connection is raised, since then the end itself is not written.
    """
    hook = end_hook(job.kind)
    if hook is None:
        return
    try:
        with session.begin_nested():
            hook(session, job, state, error)
    except DBAPIError as failure:
        if failure.connection_invalidated:
            raise
        logger("worker").exception("job.end_hook_failed", job=str(job.id), kind=job.kind)
    except Exception:  # noqa: BLE001  (whatever a hook does wrong, the job has ended)
        logger("worker").exception("job.end_hook_failed", job=str(job.id), kind=job.kind)
