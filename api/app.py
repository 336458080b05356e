"""The application: settings first, then what happens around every request, then the routes."""

from __future__ import annotations

import sentry_sdk
from werkzeug.middleware.proxy_fix import ProxyFix

import tasks  # noqa: F401  (registers every job kind)
from api import docs, headers, health, limits, permissions, problems, requests_log
from api.assets.upload import UploadRequest
from api.auth import tokens
from api.openapi import Platform
from api.pages import console
from api.resources import RESOURCES
from core.logging import configure_logging
from core.settings import get_settings

VERSION = "1"


def create_app() -> Platform:
    """The WSGI application. Raises NotConfigured naming every faulty setting; asks neither Postgres nor Redis."""
    settings = get_settings()
    configure_logging("api")
    if settings.sentry_dsn:
        sentry_sdk.init(settings.sentry_dsn, environment=settings.environment, send_default_pii=False, max_request_body_size="never")
    app = Platform("api", title="Drumbeat", version=VERSION)
    app.request_class = UploadRequest
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    for around in (problems, requests_log, headers, tokens, limits, permissions):
        around.install(app)
    for plain in (health.routes, docs.routes):
        app.register_blueprint(plain)
    for resource in RESOURCES:
        app.register_api(resource.blueprint)
    console.install(app)
    permissions.check_complete(app)
    return app
