"""/v1/jobs/{id}/logs."""

from __future__ import annotations

from api.auth.caller import caller
from api.jobs.schemas import LogLine, LogsQuery
from api.jobs.views import routes
from api.openapi import Reply
from api.schemas import ById, Page
from models.session import org_session
from worker import reading


@routes.on("GET", "/<uuid:id>/logs", answers=Page[LogLine])
def logs(path: ById, query: LogsQuery) -> Reply:
    """What the steps said, in order. next_cursor is the `after` of the following page."""
    with org_session(caller().org_id) as session:
        reading.job_view(session, path.id)
        lines = reading.logs(session, path.id, query.after, query.limit)
    return Reply({"items": lines, "next_cursor": str(lines[-1]["id"]) if len(lines) == query.limit else None})
