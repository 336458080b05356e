"""/v1/jobs/{id}/cancel and /replay."""

from __future__ import annotations

from api import audit
from api.auth.caller import caller
from api.jobs.schemas import JobOut, Replay
from api.jobs.views import routes
from api.openapi import Reply
from api.schemas import ById
from models.session import org_session
from worker import control, reading


@routes.on("POST", "/<uuid:id>/cancel", answers=JobOut, status=202)
def cancel(path: ById) -> Reply:
    """Ask the job to stop, with its children. What runs notices within a second or two."""
    with audit.change(f"job:{path.id}") as session:
        control.cancel(session, path.id)
    return _now(path)


@routes.on("POST", "/<uuid:id>/replay", answers=JobOut, status=202)
def replay(path: ById, body: Replay) -> Reply:
    """Run an ended job again from a step. Steps before it keep their results; posts already sent are not sent again."""
    with audit.change(f"job:{path.id}", from_step=body.from_step) as session:
        control.replay(session, path.id, body.from_step)
    return _now(path)


def _now(path: ById) -> Reply:
    with org_session(caller().org_id) as session:
        return Reply(reading.job_view(session, path.id), 202, {"Location": f"/v1/jobs/{path.id}"})
