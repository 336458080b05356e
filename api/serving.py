"""gunicorn's configuration: `gunicorn -c python:api.serving -b 127.0.0.1:8000 api.wsgi:app`.

One process with many threads: live streams and waiting requests hold a thread each, and `api/capacity.py` sees to it
that they never hold them all.
"""

from __future__ import annotations

from api.capacity import THREADS

worker_class = "gthread"
workers = 1
threads = THREADS
worker_connections = 1000
timeout = 60
graceful_timeout = 5
keepalive = 15
accesslog = None  # api/requests_log.py writes a line for each request
