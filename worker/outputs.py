"""Files that steps make: stored at once, kept when the step commits, swept when it never does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import engine_session, org_session
from providers.contracts.storage import Blob
from providers.registry import storage

_ORPHAN_AGE = "interval '24 hours'"

# The row comes before the bytes: a file without a row could never be found again.
_ANNOUNCE = """
INSERT INTO stored_files (id, org_id, key, bytes, sha256, media_type, job_id)
VALUES (gen_random_uuid(), :org, :key, 0, '', :media_type, :job)
ON CONFLICT (org_id, key) DO NOTHING
"""
_STORED = "UPDATE stored_files SET bytes = :bytes, sha256 = :sha256 WHERE org_id = :org AND key = :key"
_COMMIT = "UPDATE stored_files SET committed_at = clock_timestamp() WHERE key = ANY(:keys)"
_ORPHANS = f"""
SELECT f.org_id, f.key FROM stored_files f
WHERE f.committed_at IS NULL AND f.created_at < clock_timestamp() - {_ORPHAN_AGE}
  AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = f.job_id AND j.state IN ('queued', 'running', 'waiting'))
LIMIT 500
"""
_FORGET = "DELETE FROM stored_files WHERE org_id = :org AND key = :key AND committed_at IS NULL"


def keep_file(org_id: str, job_id: str | None, key: str, source: Path | BinaryIO, media_type: str) -> Blob:
    """Store a file that is not permanent yet. May run twice."""
    with org_session(org_id) as session:
        session.execute(text(_ANNOUNCE), {"org": org_id, "key": key, "media_type": media_type, "job": job_id})
    if isinstance(source, Path):
        with source.open("rb") as stream:
            blob = storage().put(key, stream, media_type=media_type)
    else:
        blob = storage().put(key, source, media_type=media_type)
    with org_session(org_id) as session:
        session.execute(text(_STORED), {"org": org_id, "key": key, "bytes": blob.bytes, "sha256": blob.sha256})
    return blob


def commit_files(session: Session, keys: Sequence[str]) -> None:
    """Make files permanent in the caller's transaction."""
    session.execute(text(_COMMIT), {"keys": list(keys)})


def remove_orphans() -> int:
    """Delete files of steps that never committed, a day after; how many. May run twice."""
    with engine_session() as session:
        orphans = session.execute(text(_ORPHANS)).all()
    for orphan in orphans:
        storage().delete(orphan.key)
        with engine_session() as session:
            session.execute(text(_FORGET), {"org": orphan.org_id, "key": orphan.key})
    return len(orphans)
