"""Admission: which ready steps are woken next, in fair order, while their pool has room.

Order: priority first; within one priority the organisation with the least in flight goes next, so that one
that queued ten thousand jobs does not stand before one that queued one. A pool takes about twice its slots:
enough that no slot idles between two messages, few enough that a late urgent job does not stand behind many.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from core.errors import Unavailable
from core.logging import logger
from core.settings import get_settings
from models.session import engine_session
from worker.wakeups import Wakeup, send

ALIVE = "seen_at > clock_timestamp() - interval '5 seconds'"

# Pools with a live worker, ready work not yet woken, and room. Steps in flight: running, or woken and unclaimed.
_ROOM = f"""
SELECT p.pool, p.slots * 2 + 2 - (
    SELECT count(*) FROM job_steps s
    WHERE s.pool = p.pool AND (s.state = 'running' OR (s.state = 'ready' AND s.woken_at IS NOT NULL))) AS room
FROM (SELECT pool, sum(slots) AS slots FROM workers WHERE {ALIVE} GROUP BY pool) p
WHERE EXISTS (SELECT FROM job_steps s WHERE s.pool = p.pool AND s.state = 'ready' AND s.woken_at IS NULL)
"""

# `orgs` is a loose index scan: one index probe an organisation, however long the queues are.
_ADMIT = """
WITH RECURSIVE orgs AS (
    (SELECT org_id FROM job_steps WHERE pool = :pool AND state = 'ready' AND woken_at IS NULL ORDER BY org_id LIMIT 1)
    UNION ALL
    SELECT (SELECT s.org_id FROM job_steps s
            WHERE s.pool = :pool AND s.state = 'ready' AND s.woken_at IS NULL AND s.org_id > orgs.org_id
            ORDER BY s.org_id LIMIT 1)
    FROM orgs WHERE orgs.org_id IS NOT NULL
), busy AS (
    SELECT org_id, count(*) AS n FROM job_steps
    WHERE pool = :pool AND (state = 'running' OR (state = 'ready' AND woken_at IS NOT NULL)) GROUP BY org_id
), candidate AS (
    SELECT c.*, coalesce(busy.n, 0) + row_number() OVER (PARTITION BY c.org_id ORDER BY c.priority DESC, c.created_at) AS turn
    FROM orgs LEFT JOIN busy USING (org_id)
    CROSS JOIN LATERAL (
        SELECT s.job_id, s.name, s.generation, s.org_id, s.priority, s.created_at FROM job_steps s
        WHERE s.pool = :pool AND s.state = 'ready' AND s.woken_at IS NULL AND s.org_id = orgs.org_id
          AND (s.not_before IS NULL OR s.not_before <= clock_timestamp())
        ORDER BY s.priority DESC, s.created_at
        LIMIT least(:room, greatest(:cap - coalesce(busy.n, 0), 0))
    ) c
), chosen AS (
    SELECT * FROM candidate ORDER BY priority DESC, turn, created_at LIMIT :room
)
UPDATE job_steps s SET woken_at = clock_timestamp(), wakes = s.wakes + 1
FROM chosen c
WHERE (s.job_id, s.name, s.generation) = (c.job_id, c.name, c.generation) AND s.state = 'ready' AND s.woken_at IS NULL
RETURNING s.job_id, s.kind, s.pool, s.name, s.generation,
    (SELECT coalesce(json_agg(json_build_array(r.name, r.generation, r.pool) ORDER BY r.position), '[]')
     FROM job_steps r WHERE r.job_id = s.job_id AND r.position > s.position AND NOT r.superseded) AS rest
"""

_LOCK = "SELECT pg_advisory_xact_lock(727275)"
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(727275)"


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
    chosen: list[Wakeup] = []
    with engine_session() as session:
        locked: Any = session.execute(text(_LOCK if wait else _TRY_LOCK)).scalar()
        if locked is False:
            return []
        for pool in session.execute(text(_ROOM)).all():
            if pool.room < 1:
                continue
            rows = session.execute(text(_ADMIT), {"pool": pool.pool, "room": int(pool.room), "cap": get_settings().org_max_running})
            chosen.extend(Wakeup.of_row(row) for row in rows)
    return chosen
