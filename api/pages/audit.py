"""/audit: who did what, and who was refused."""

from __future__ import annotations

from api import audit_log
from api import members as members_api
from api.audit_log import AuditQuery
from api.pages.frame import queried, routes, show


@routes.get("/audit")
def audit() -> str:
    query = queried(AuditQuery)
    names = {member.id: member.name for member in members_api.index().items}
    return show("audit.html", page=audit_log.index(query), query=query, names=names)
