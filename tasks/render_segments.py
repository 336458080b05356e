"""Segments of renders in the store: looked up by hash, kept as they are made, removed when nobody has used them for long."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from core.errors import StepFailed
from core.settings import get_settings
from models.session import engine_session
from tasks.new_assets import fetch_stored
from worker.context import StepContext
from worker.outputs import commit_files, keep_file
from worker.upkeep import chore

_USE = "UPDATE render_segments SET last_used_at = clock_timestamp() WHERE hash = ANY(:hashes) RETURNING hash, storage_key"
_KEEP = """
INSERT INTO render_segments (org_id, hash, storage_key, bytes, frames) VALUES (:org, :hash, :key, :bytes, :frames)
ON CONFLICT (org_id, hash) DO NOTHING RETURNING hash
"""
# The files become orphans, and are removed as such.
_FORGET = """
WITH old AS (
    DELETE FROM render_segments WHERE last_used_at < clock_timestamp() - :days * interval '1 day' RETURNING org_id, storage_key
)
UPDATE stored_files f SET committed_at = NULL FROM old WHERE f.org_id = old.org_id AND f.key = old.storage_key
"""


def used_segments(ctx: StepContext, hashes: Iterable[str]) -> dict[str, str]:
    """Storage keys of those that are there, by hash; they count as used now."""
    with ctx.session() as session:
        return {row.hash: row.storage_key for row in session.execute(text(_USE), {"hashes": list(hashes)})}


def keep_segment(ctx: StepContext, name: str, path: Path, frames: int, media_type: str) -> None:
    """Keep a segment for good, at once: should this worker be lost, its next attempt goes on behind it.

    May run twice, and on two workers: the first one's file stays, the other's is swept as an orphan.
    """
    key = f"{ctx.org_id}/segments/{name}-{uuid.uuid4().hex}{path.suffix}"
    blob = keep_file(ctx.org_id, ctx.job_id, key, path, media_type)
    values = {"org": ctx.org_id, "hash": name, "key": key, "bytes": blob.bytes, "frames": frames}
    with ctx.session() as session:
        if session.execute(text(_KEEP), values).first():
            commit_files(session, [key])


def local_segments(ctx: StepContext, hashes: list[str]) -> list[Path]:
    """Their files, in order. Raises StepFailed if one is gone."""
    keys = used_segments(ctx, hashes)
    if missing := sum(name not in keys for name in hashes):
        raise StepFailed(f"{missing} of {len(hashes)} segments are gone", hint="Replay the job from its first step.")
    found: dict[str, Path] = {}
    for name in dict.fromkeys(hashes):
        ctx.check()
        found[name] = fetch_stored(ctx, keys[name])
    return [found[name] for name in hashes]


@chore
def forget_segments() -> None:
    """Let go of segments that no render has used for SEGMENT_DAYS."""
    with engine_session() as session:
        session.execute(text(_FORGET), {"days": get_settings().segment_days})
