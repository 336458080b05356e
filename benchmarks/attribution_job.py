"""`attribution.run` over ten million touchpoints in Postgres, on a worker: its memory, and its pace beside a bare COPY of the same rows.

`memory` is the highest resident memory of the worker's child process; what it is allowed is the peer. The bare COPY is the
job's own statement with nobody looking at what it sends, so what is left is the cost of paths and models.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
import psutil
import psycopg2

import tasks  # noqa: F401  (declares the kinds)
from benchmarks.row import Row
from benchmarks.stack import BenchStack
from core.errors import StepFailed
from core.settings import get_settings
from models.session import org_session
from tasks.event_stream import Window, labels, stream
from worker.reading import job_view
from worker.submission import submit

TOUCHPOINTS, PEOPLE, DAYS = 10_000_000, 2_500_000, 60
ALLOWED_MB = 2048.0
PATIENCE_SECONDS = 3600.0

_PEOPLE = """
INSERT INTO identity_keys (id, org_id, kind, key, person_id)
SELECT n, %(org)s, 'anonymous', 'browser-' || n, n FROM generate_series(1, %(people)s) n
"""
# Some come often: the square of an even number. One in twenty buys after their last touchpoint.
_TOUCHPOINTS = """
INSERT INTO events (org_id, occurred_at, event_id, kind, name, identity_key_id, channel)
SELECT %(org)s, now() - random() * %(days)s * interval '1 day', 't' || n, 'touchpoint', 'page_view',
       1 + floor(power(random(), 2) * %(people)s)::int8,
       (ARRAY['affiliate','direct','display','email','facebook','search','video','x'])[1 + floor(random() * 8)::int]
FROM generate_series(1, %(touchpoints)s) n
"""
_CONVERSIONS = """
INSERT INTO events (org_id, occurred_at, event_id, kind, name, identity_key_id, value, currency)
SELECT %(org)s, max(occurred_at) + interval '1 minute', 'c' || identity_key_id, 'conversion', 'purchase', identity_key_id,
       10 + identity_key_id %% 90, 'USD'
FROM events WHERE org_id = %(org)s AND identity_key_id %% 20 = 0 GROUP BY identity_key_id
"""


def rows() -> list[Row]:
    today = datetime.now(UTC).date()
    with BenchStack() as stack:
        _fill(stack.org_id)
        with stack.worker("worker.celery_app:app", "cpu", pool="prefork", slots=1):
            seconds = _job(stack.org_id, today)
            memory = _highest_mb(stack.home / "cpu.pid")
        bare = _bare(stack.org_id, today)
    click.echo(f"the job took {seconds:.0f} s, the bare COPY {bare:.0f} s", err=True)
    return [
        Row("memory", memory, ALLOWED_MB, "MB"),
        Row("vs-copy", TOUCHPOINTS / seconds, TOUCHPOINTS / bare, "touchpoints/s"),
    ]


def _fill(org_id: uuid.UUID) -> None:
    values = {"org": str(org_id), "people": PEOPLE, "touchpoints": TOUCHPOINTS, "days": DAYS}
    with psycopg2.connect(get_settings().database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT add_event_months((now() - interval '3 months')::date, (now() + interval '1 month')::date)")
        for words, statement in (("people", _PEOPLE), ("touchpoints", _TOUCHPOINTS), ("conversions", _CONVERSIONS)):
            begun = time.monotonic()
            cursor.execute(statement, values)
            click.echo(f"{cursor.rowcount:,} {words} written in {time.monotonic() - begun:.0f} s", err=True)
        cursor.execute("ANALYZE")


def _job(org_id: uuid.UUID, today: date) -> float:
    params = {"start": str(today - timedelta(days=DAYS)), "end": str(today)}
    begun = time.monotonic()
    with org_session(org_id) as session:
        job_id = submit(session, org_id=org_id, kind="attribution.run", params=params).job_id
    while time.monotonic() < begun + PATIENCE_SECONDS:
        with org_session(org_id) as session:
            job = job_view(session, job_id)
        if job["state"] == "succeeded":
            click.echo(f"{job['result']['conversions']:,.0f} conversions attributed", err=True)
            return time.monotonic() - begun
        if job["state"] in ("failed", "cancelled"):
            break
        time.sleep(0.2)
    raise StepFailed(f"The job is {job['state']}: {job['error']}")


def _highest_mb(pidfile: Path) -> float:
    """Of the worker's children, since they began."""
    children = psutil.Process(int(pidfile.read_text().split()[0])).children(recursive=True)
    lines = [line for child in children for line in Path(f"/proc/{child.pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return max(int(line.split()[1]) for line in lines) / 1024


def _bare(org_id: uuid.UUID, today: date) -> float:
    begin = datetime(today.year, today.month, today.day, tzinfo=UTC) - timedelta(days=DAYS)
    window = Window(begin - timedelta(days=30), begin, begin + timedelta(days=DAYS + 1))
    begun = time.monotonic()
    with org_session(org_id) as session:
        channels, campaigns = labels(session, org_id, window)
        stream(session, org_id, window, channels=channels, campaigns=campaigns, currency="USD", names=None, on_rows=lambda _: None)
    return time.monotonic() - begun
