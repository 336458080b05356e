"""Files of a step as assets: facts read from the stored file, rows written when the step is done."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from models import Asset, AssetVersion
from providers import registry
from providers.contracts.storage import Blob
from providers.sniff import Sniffed, sniff
from worker.context import StepContext

# Types that our own steps write and no upload may have: nothing in them is looked at.
DOCUMENTS = (
    "application/json",
    "application/netcdf",
    "application/pdf",
    "application/x-subrip",
    "application/zip",
    "text/csv",
    "text/html",
    "text/vtt",
    "text/x-ass",
)

_STEM = 80  # letters of a local file's name
_UNPLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def save_asset(
    ctx: StepContext,
    blob: Blob,
    *,
    name: str,
    role: str | None,
    concept_id: uuid.UUID | None,
    simulated: bool,
    facts: dict[str, Any],
    local: Path | None = None,
) -> dict[str, Any]:
    """An asset with its first version, written when the step is done; the step's output about it."""
    found = Sniffed(blob.media_type) if blob.media_type in DOCUMENTS else sniff(local or fetch_stored(ctx, blob.key))
    asset_id = uuid.uuid4()
    ctx.on_done(lambda session: _insert(session, ctx, asset_id, blob, found, name, role, concept_id, simulated, facts))
    return {
        "asset_id": str(asset_id),
        "name": name,
        "role": role,
        "media_type": found.media_type,
        "width": found.width,
        "height": found.height,
        "duration_seconds": found.duration_seconds,
        "simulated": simulated,
    }


def save_generated(
    ctx: StepContext, made: dict[str, Any], *, name: str, role: str | None, concept_id: uuid.UUID | None, facts: dict[str, Any]
) -> dict[str, Any]:
    """What a paid call made (`tasks.paid_calls`), as an asset; perhaps an earlier attempt stored it."""
    path = fetch_stored(ctx, made["key"])
    blob = Blob(made["key"], path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest(), made["media_type"])
    told = {**facts, "vendor_id": made["vendor_id"]}
    return save_asset(ctx, blob, name=name, role=role, concept_id=concept_id, simulated=made["simulated"], facts=told, local=path)


def fetch_stored(ctx: StepContext, key: str, name: str = "") -> Path:
    """A stored file as a local one, in a folder of its own below the step's working folder.

    name: what messages are to call it, as the asset's; the stored file's own name if not given.
    """
    stored = PurePosixPath(key)
    folder = ctx.workdir / uuid.uuid4().hex
    folder.mkdir()
    path = folder / f"{plain_stem(name, stored.suffix) or plain_stem(stored.name, stored.suffix) or 'file'}{stored.suffix}"
    registry.storage().download(key, path)
    return path


def plain_stem(name: str, suffix: str) -> str:
    """A name in letters, digits, dots, dashes and underscores, without the suffix and never hidden: filter graphs read it as it is."""
    stem = name[: -len(suffix)] if suffix and name.lower().endswith(suffix.lower()) else name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return _UNPLAIN.sub("-", plain).strip(".-_")[:_STEM].rstrip(".-_")


def _insert(
    session: Session,
    ctx: StepContext,
    asset_id: uuid.UUID,
    blob: Blob,
    found: Sniffed,
    name: str,
    role: str | None,
    concept_id: uuid.UUID | None,
    simulated: bool,
    facts: dict[str, Any],
) -> None:
    session.add(
        Asset(
            id=asset_id,
            org_id=ctx.org_id,
            campaign_id=ctx.campaign_id,
            concept_id=concept_id,
            kind="document" if found.media_type in DOCUMENTS else found.media_type.split("/")[0],
            role=role,
            name=name,
            simulated=simulated,
            job_id=ctx.job_id,
            created_by=ctx.created_by,
        )
    )
    session.flush()
    session.add(
        AssetVersion(
            org_id=ctx.org_id,
            asset_id=asset_id,
            number=1,
            storage_key=blob.key,
            sha256=blob.sha256,
            bytes=blob.bytes,
            media_type=found.media_type,
            width=found.width,
            height=found.height,
            duration_seconds=found.duration_seconds,
            facts=facts,
        )
    )
