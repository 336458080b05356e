"""Celery's settings. Messages are wake-ups only; see ARCHITECTURE.md for why each is as it is."""

from __future__ import annotations

from core.settings import get_settings

broker_url = get_settings().redis_url
imports = ("tasks", "worker.pool")

task_default_queue = "io"
task_create_missing_queues = True
task_ignore_result = True  # results live in Postgres
task_store_errors_even_if_ignored = False
task_acks_late = False  # a lost message costs nothing: the sweep sends another
worker_prefetch_multiplier = 1
task_publish_retry = False
task_send_sent_event = False
worker_send_task_events = True  # Flower
task_track_started = False
task_serializer = "json"
accept_content = ["json"]
timezone = "UTC"
enable_utc = True

broker_connection_retry_on_startup = True
broker_connection_max_retries = None
worker_cancel_long_running_tasks_on_connection_loss = False
broker_transport_options = {
    # Unacknowledged messages come back only after this; with early acks they are the prefetched ones of a
    # dead worker, and the sweep has sent others long before.
    "visibility_timeout": 6 * 3600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
worker_hijack_root_logger = False
worker_redirect_stdouts = False
worker_max_tasks_per_child = 1000
worker_proc_alive_timeout = 30.0

beat_schedule = {
    "sweep": {"task": "drumbeat/sweep", "schedule": 5.0, "options": {"queue": "io", "expires": 5}},
    "schedules": {"task": "drumbeat/schedules", "schedule": 10.0, "options": {"queue": "io", "expires": 10}},
    "upkeep": {"task": "drumbeat/upkeep", "schedule": 600.0, "options": {"queue": "io", "expires": 600}},
}
