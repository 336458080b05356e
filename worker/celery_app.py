"""The Celery application: `celery -A worker.celery_app:app worker|beat|flower`."""

from __future__ import annotations

from celery import Celery

app = Celery("drumbeat")
app.config_from_object("celeryconfig")
