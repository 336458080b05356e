"""Roles × routes, in one table: the guard reads it, the tests walk it.

viewer < member < admin. `public` routes need no login; whatever proof they ask for (a password, a signature, a
one-time state) they check themselves. A route that is not in the table does not start.
"""

from __future__ import annotations

from flask import Flask, g, request

from api import audit
from api.auth import browser, tokens
from api.auth.caller import caller
from core.errors import Forbidden

RANKS = {"viewer": 1, "member": 2, "admin": 3}
PUBLIC = "public"

ACCESS: dict[str, str] = {
    "auth.register": PUBLIC,
    "auth.login": PUBLIC,
    "auth.refresh": PUBLIC,
    "auth.logout": "viewer",
    "me.show": "viewer",
    "me.update": "viewer",
    "organization.show": "viewer",
    "organization.update": "admin",
    "members.index": "viewer",
    "members.create": "admin",
    "members.update": "admin",
    "members.delete": "admin",
    "connections.index": "viewer",
    "connections.create": "member",
    "connections.callback": PUBLIC,
    "connections.delete": "member",
    "job-kinds.index": "viewer",
    "job-kinds.show": "viewer",
    "jobs.index": "viewer",
    "jobs.create": "member",
    "jobs.show": "viewer",
    "jobs.events": "viewer",
    "jobs.logs": "viewer",
    "jobs.cancel": "member",
    "jobs.replay": "member",
    "campaigns.index": "viewer",
    "campaigns.create": "member",
    "campaigns.show": "viewer",
    "campaigns.update": "member",
    "campaigns.delete": "member",
    "campaigns.run": "member",
    "campaigns.approve": "member",
    "campaigns.costs": "viewer",
    "campaigns.channel_budgets": "viewer",
    "campaigns.bandit": "member",
    "experiments.index": "viewer",
    "experiments.create": "member",
    "experiments.show": "viewer",
    "experiments.update": "member",
    "experiments.delete": "member",
    "experiments.start": "member",
    "experiments.stop": "member",
    "experiments.archive": "member",
    "experiments.assign": "member",
    "experiments.results": "viewer",
    "experiments.lift": "viewer",
    "experiments.versions": "viewer",
    "experiments.decisions": "viewer",
    "experiment-plans.create": "viewer",
    "client-keys.index": "viewer",
    "client-keys.create": "member",
    "client-keys.delete": "member",
    "features.show": PUBLIC,
    "exposures.create": PUBLIC,
    "assets.index": "viewer",
    "assets.create": "member",
    "assets.show": "viewer",
    "assets.update": "member",
    "assets.delete": "member",
    "assets.content": "viewer",
    "assets.versions": "viewer",
    "assets.add_version": "member",
    "files.show": PUBLIC,
    "posts.index": "viewer",
    "posts.show": "viewer",
    "posts.update": "member",
    "effects.index": "viewer",
    "effects.resolve": "member",
    "audit.index": "admin",
    "workers.index": "viewer",
    "mmm-fits.index": "viewer",
    "mmm-fits.show": "viewer",
    "mmm-fits.figures": "viewer",
    "mmm-fits.scenarios": "viewer",
    "mmm-plans.index": "viewer",
    "mmm-plans.show": "viewer",
    "mmm-plans.apply": "member",
    "events.create": "member",
    "events.index": "member",
    "collect.script": PUBLIC,
    "collect.collect": PUBLIC,
    "clicks.show": PUBLIC,
    "write-keys.index": "viewer",
    "write-keys.create": "admin",
    "write-keys.update": "admin",
    "write-keys.delete": "admin",
    "links.index": "viewer",
    "links.create": "member",
    "links.delete": "member",
    "metrics.import_csv": "member",
    "metrics.delete": "member",
    "analytics.performance": "viewer",
    "analytics.attribution": "viewer",
    "health.livez": PUBLIC,
    "health.readyz": PUBLIC,
    "health.metrics": PUBLIC,
    "docs.page": PUBLIC,
    "docs.spec": PUBLIC,
    "docs.asset": PUBLIC,
    "static": PUBLIC,
    "bootstrap.static": PUBLIC,
    "pages.static": PUBLIC,
    "pages.plotly": PUBLIC,
    "pages.login_form": PUBLIC,
    "pages.log_in": PUBLIC,
    "pages.register_form": PUBLIC,
    "pages.register": PUBLIC,
    "pages.log_out": "viewer",
    "pages.switch": "viewer",
    "pages.home": "viewer",
    "pages.campaigns": "viewer",
    "pages.new_campaign": "member",
    "pages.campaign": "viewer",
    "pages.experiments": "viewer",
    "pages.new_experiment": "member",
    "pages.experiment": "viewer",
    "pages.posts": "viewer",
    "pages.performance": "viewer",
    "pages.attribution": "viewer",
    "pages.tracking": "viewer",
    "pages.assets": "viewer",
    "pages.asset": "viewer",
    "pages.jobs": "viewer",
    "pages.job": "viewer",
    "pages.kinds": "viewer",
    "pages.kind": "viewer",
    "pages.workers": "viewer",
    "pages.mmm": "viewer",
    "pages.mmm_fit": "viewer",
    "pages.connections": "viewer",
    "pages.members": "admin",
    "pages.audit": "admin",
    "pages.account": "viewer",
}


def install(app: Flask) -> None:
    app.before_request(_guard)


def check_complete(app: Flask) -> None:
    """Raises when a route has no row in the table, or a row no route."""
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    if routes != ACCESS.keys():
        raise RuntimeError(f"api/permissions.py and the routes differ in {sorted(routes ^ ACCESS.keys())}")


def _guard() -> None:
    """Runs before every request: who is calling, and may they?"""
    if request.endpoint is None or request.method == "OPTIONS" or ACCESS[request.endpoint] == PUBLIC:
        return
    g.caller = browser.caller_by_cookie() or tokens.authenticate()
    require(ACCESS[request.endpoint])


def require(role: str) -> None:
    """Raises Forbidden when the caller's role is below `role`."""
    mine = caller().role
    if RANKS[mine] < RANKS[role]:
        audit.blame(caller().org_id, caller().user_id, request.path)
        raise Forbidden(f"This needs the role {role}; yours is {mine}", hint="Ask an admin of your organisation.")
