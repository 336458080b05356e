"""The platform's API with the storm's job kinds, for gunicorn."""

from __future__ import annotations

import cli.storm.kinds  # noqa: F401  (declares them before the application is made)
from api.wsgi import app

__all__ = ["app"]
