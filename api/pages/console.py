"""Putting the pages on the application. Importing a module of views puts its routes on the blueprint."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5

import api.pages.account
import api.pages.analytics
import api.pages.assets
import api.pages.audit
import api.pages.campaigns
import api.pages.connections
import api.pages.experiments
import api.pages.home
import api.pages.jobs
import api.pages.kinds
import api.pages.logins
import api.pages.members
import api.pages.mmm
import api.pages.posts
import api.pages.tracking
import api.pages.workers  # noqa: F401
from api.pages import answers, display, frame, plotly, schema_form


def install(app: Flask) -> None:
    """Bootstrap from this machine, our filters, our blueprint."""
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Bootstrap5(app)
    display.install(app)
    app.add_template_filter(schema_form.as_json)
    app.add_template_global(schema_form.pairs)
    app.add_template_global(plotly.plotly_address)
    app.context_processor(frame.context)
    answers.install(app)
    app.register_blueprint(frame.routes)
