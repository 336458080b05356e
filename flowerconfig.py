"""Flower's settings; read by Flower itself from the working folder."""

from __future__ import annotations

from core.errors import NotConfigured
from core.settings import get_settings

_login = get_settings().flower_basic_auth.get_secret_value()
if ":" not in _login.strip(":"):
    raise NotConfigured("FLOWER_BASIC_AUTH is missing", hint="Set it to user:password; Flower shows every task to whoever gets in.")

basic_auth = [_login]
