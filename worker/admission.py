"""Admission: which ready steps are woken next, in fair order, while their pool has room.

Order: priority first; within one priority the organisation with the least in flight goes next, so that one
that queued ten thousand jobs does not stand before one that queued one. A pool takes about twice its slots:
enough that no slot idles between two messages, few enough that a late urgent job does not stand behind many.
"""

from __future__ import annotations

from core.errors import Unavailable
from core.logging import logger
from core.settings import get_settings
from models.session import engine_statement
from worker.wakeups import Wakeup, send

ALIVE = "seen_at > clock_timestamp() - interval '8 seconds'"

# All of a pass in one message, which Postgres runs to its end even when this process is frozen meanwhile: a lock that
# every dispatcher waits for must never be held by one that cannot let go of it.
# `pools` are those with a live worker, ready work not yet woken, and room; in flight is what runs, or is woken and
# unclaimed. `orgs` is a loose index scan: one index probe an organisation, however long the queues are.
_ADMIT = f"""
WITH RECURSIVE pools AS (
    SELECT p.pool, p.slots * 2 + 2 - (
        SELECT count(*) FROM job_steps s
        WHERE s.pool = p.pool AND (s.state = 'running' OR (s.state = 'ready' AND s.woken_at IS NOT NULL))) AS room
    FROM (SELECT pool, sum(slots) AS slots FROM workers WHERE {ALIVE} GROUP BY pool) p
    WHERE EXISTS (SELECT FROM job_steps s WHERE s.pool = p.pool AND s.state = 'ready' AND s.woken_at IS NULL)
), orgs AS (
    SELECT p.pool, p.room, (
        SELECT s.org_id FROM job_steps s WHERE s.pool = p.pool AND s.state = 'ready' AND s.woken_at IS NULL
        ORDER BY s.org_id LIMIT 1) AS org_id
    FROM pools p WHERE p.room > 0
    UNION ALL
    SELECT o.pool, o.room, (
        SELECT s.org_id FROM job_steps s
        WHERE s.pool = o.pool AND s.state = 'ready' AND s.woken_at IS NULL AND s.org_id > o.org_id
        ORDER BY s.org_id LIMIT 1)
    FROM orgs o WHERE o.org_id IS NOT NULL
), busy AS (
    SELECT pool, org_id, count(*) AS n FROM job_steps
    WHERE pool IN (SELECT pool FROM orgs) AND (state = 'running' OR (state = 'ready' AND woken_at IS NOT NULL)) GROUP BY pool, org_id
), candidate AS (
    SELECT c.*, orgs.room,
        coalesce(busy.n, 0) + row_number() OVER (PARTITION BY c.pool, c.org_id ORDER BY c.priority DESC, c.created_at) AS turn
    FROM orgs LEFT JOIN busy USING (pool, org_id)
    CROSS JOIN LATERAL (
        SELECT s.job_id, s.name, s.generation, s.pool, s.org_id, s.priority, s.created_at FROM job_steps s
        WHERE s.pool = orgs.pool AND s.state = 'ready' AND s.woken_at IS NULL AND s.org_id = orgs.org_id
          AND (s.not_before IS NULL OR s.not_before <= clock_timestamp())
        ORDER BY s.priority DESC, s.created_at
        LIMIT least(orgs.room, greatest(:cap - coalesce(busy.n, 0), 0))
    ) c
), chosen AS (
    SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY pool ORDER BY priority DESC, turn, created_at) AS place FROM candidate) c
    WHERE place <= room
)
UPDATE job_steps s SET woken_at = clock_timestamp(), wakes = s.wakes + 1
FROM chosen c
WHERE (s.job_id, s.name, s.generation) = (c.job_id, c.name, c.generation) AND s.state = 'ready' AND s.woken_at IS NULL
  AND pg_try_advisory_xact_lock(727275)
RETURNING s.job_id, s.kind, s.pool, s.name, s.generation,
    (SELECT coalesce(json_agg(json_build_array(r.name, r.generation, r.pool) ORDER BY r.position), '[]')
     FROM job_steps r WHERE r.job_id = s.job_id AND r.position > s.position AND NOT r.superseded) AS rest
"""
# The wait comes first, in a statement of its own, so that the pass sees what the one before it did.
_ADMIT_WAITING = f"SELECT pg_advisory_xact_lock(727275); {_ADMIT}"


def admit_all(*, wait: bool = True) -> int:
    """Wake what may be woken in every pool; the number of steps woken.

    wait: stand behind another process's pass (which may have begun too early to see our job); else leave it
    to that one. Messages leave after the commit: a broker that is down costs latency, never the job.
    """
    woken = _choose(wait)
    try:
        send(woken)
    except Unavailable as error:
        logger("worker").warning("wakeup.postponed", steps=len(woken), reason=error.detail)
    return len(woken)


def _choose(wait: bool) -> list[Wakeup]:
    rows = engine_statement(_ADMIT_WAITING if wait else _ADMIT, {"cap": get_settings().org_max_running})
    return [Wakeup.of_row(row) for row in rows]
