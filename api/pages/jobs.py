"""/jobs: every job with its chain, and one job with all that it said and made."""

from __future__ import annotations

import uuid

from api.auth.caller import caller
from api.jobs import logs as job_logs
from api.jobs import views
from api.jobs.schemas import JobsQuery, LogsQuery
from api.pages.frame import queried, routes, show
from api.schemas import ById
from models.session import org_session
from worker import reading
from worker.kinds import all_kinds

CHILDREN = 200
EVENTS = 500


@routes.get("/jobs")
def jobs() -> str:
    query = queried(JobsQuery)
    return show("jobs.html", page=views.index(query).body, query=query, kinds=all_kinds())


@routes.get("/jobs/<uuid:id>")
def job(id: uuid.UUID) -> str:
    path = ById(id=id)
    found = views.show(path).body
    with org_session(caller().org_id) as session:
        events = reading.events_after(session, id, 0, EVENTS)
    children = views.index(JobsQuery(parent_id=id, limit=CHILDREN)).body["items"] if found["children"] else []
    return show("job.html", job=found, children=children, events=events, logs=job_logs.logs(path, LogsQuery()).body["items"])
