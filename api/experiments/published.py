"""What a client key opens: an organisation's experiments as SDKs read them, kept for a moment."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import to_json
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from models import Experiment
from models.session import engine_statement, org_session
from pipelines.experiments.features import Published, payload
from tasks.experiment_records import split_of, version_in_force

FRESH_SECONDS = 2.0
MOST_KEPT = 1000


@dataclass(frozen=True)
class Document:
    """The JSON as it is sent, and its ETag."""

    body: bytes
    etag: str
    read_at: float


_documents: dict[str, Document] = {}


def organization_of(client_key: str) -> uuid.UUID:
    """Raises NotFound for a key that is not, or no longer, there."""
    found = engine_statement("SELECT org_id FROM client_keys WHERE key = :key AND revoked_at IS NULL", {"key": client_key})
    if not found:
        raise NotFound("There is no such client key", hint="GET /v1/client-keys lists yours.")
    return uuid.UUID(str(found[0].org_id))


def document(client_key: str) -> Document:
    """Raises NotFound. At most FRESH_SECONDS old, so that many pages cost one reading."""
    found = _documents.get(client_key)
    if found is not None and time.monotonic() - found.read_at < FRESH_SECONDS:
        return found
    org_id = organization_of(client_key)
    with org_session(org_id) as session:
        shown = _shown(session)
        features = payload([_published(session, experiment) for experiment in shown])
    updated = max((experiment.updated_at for experiment in shown), default=datetime(2026, 1, 1, tzinfo=UTC))
    body = to_json({"status": 200, "features": features, "dateUpdated": updated})
    if len(_documents) >= MOST_KEPT:
        _documents.clear()
    made = _documents[client_key] = Document(body, hashlib.sha256(body).hexdigest()[:32], time.monotonic())
    return made


def forget(client_key: str) -> None:
    _documents.pop(client_key, None)


def _shown(session: Session) -> list[Experiment]:
    """Running ones, and stopped ones, whose winner is what their feature is now. The oldest first; holdouts have no feature."""
    wanted = select(Experiment).where(Experiment.state.in_(("running", "stopped")), Experiment.kind != "holdout")
    return list(session.execute(wanted.order_by(Experiment.started_at, Experiment.id)).scalars())


def _published(session: Session, experiment: Experiment) -> Published:
    version = version_in_force(session, experiment) if experiment.state == "running" else None
    variants = experiment.variants
    return Published(
        key=experiment.key,
        feature=experiment.feature_key,
        name=experiment.name,
        values=tuple(one["key"] if one.get("value") is None else one["value"] for one in variants),
        names=tuple(one.get("name") or one["key"] for one in variants),
        variants=tuple(one["key"] for one in variants),
        split=split_of(session, experiment, version) if version is not None else None,
        version=experiment.version,
        winner=experiment.winner,
    )


def by_key(session: Session, keys: set[str]) -> dict[str, Experiment]:
    """The running experiments of those keys."""
    wanted = select(Experiment).where(Experiment.key.in_(keys), Experiment.state == "running")
    return {experiment.key: experiment for experiment in session.execute(wanted).scalars()}
