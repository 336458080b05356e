"""Every resource. Importing a module of views puts its routes on the resource's `Routes`."""

from __future__ import annotations

import api.analytics.attribution
import api.analytics.metrics_removal
import api.assets.content
import api.assets.versions
import api.campaigns.approval
import api.campaigns.channel_budgets
import api.campaigns.costs
import api.campaigns.run
import api.connections.callback
import api.events_kept
import api.experiments.assign
import api.experiments.campaign_bandit
import api.experiments.records
import api.experiments.results
import api.experiments.state
import api.jobs.control
import api.jobs.events
import api.jobs.logs
import api.mmm.scenarios  # noqa: F401
from api import audit_log, effects, events, files, job_kinds, members, organization, posts, workers
from api.analytics import metrics_import, performance
from api.assets import views as assets
from api.auth import me
from api.auth import views as auth
from api.campaigns import views as campaigns
from api.connections import views as connections
from api.experiments import client_keys, features, planning
from api.experiments import views as experiments
from api.jobs import views as jobs
from api.mmm import fits as mmm_fits
from api.mmm import plans as mmm_plans
from api.tracking import collect, links, redirect, write_keys

RESOURCES = (
    auth.routes,
    me.routes,
    organization.routes,
    members.routes,
    connections.routes,
    job_kinds.routes,
    jobs.routes,
    campaigns.routes,
    assets.routes,
    files.routes,
    posts.routes,
    effects.routes,
    audit_log.routes,
    experiments.routes,
    planning.routes,
    client_keys.routes,
    features.routes,
    features.exposures_routes,
    workers.routes,
    mmm_fits.routes,
    mmm_plans.routes,
    events.routes,
    collect.routes,
    write_keys.routes,
    links.routes,
    redirect.routes,
    metrics_import.routes,
    performance.routes,
)
