"""Flower's settings; Flower itself reads them from the working folder when it starts."""

from __future__ import annotations

from flower.views.monitor import Metrics
from tornado.web import authenticated

from core.errors import NotConfigured
from core.settings import get_settings

_login = get_settings().flower_basic_auth.get_secret_value()
if ":" not in _login.strip(":"):
    raise NotConfigured("FLOWER_BASIC_AUTH is missing", hint="Set it to user:password; Flower shows every task to whoever gets in.")

basic_auth = [_login]

# Flower asks for its login everywhere but here, and metrics name every task and worker.
Metrics.get = authenticated(Metrics.get)
