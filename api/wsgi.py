"""`gunicorn -c python:api.serving api.wsgi:app`."""

from __future__ import annotations

import sys

from api.app import create_app
from core.errors import NotConfigured

try:
    app = create_app()
except NotConfigured as error:
    sys.exit(f"drumbeat api: {error.detail}\n{error.hint}")
