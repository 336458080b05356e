"""Files as assets, for jobs that read them."""

from __future__ import annotations

import uuid
from pathlib import Path

from models import Asset, AssetVersion
from models.session import org_session
from providers import registry
from providers.sniff import sniff


def stored(org_id: uuid.UUID, path: Path) -> uuid.UUID:
    """The file as an asset of this organisation."""
    found, asset_id = sniff(path), uuid.uuid4()
    with path.open("rb") as file:
        blob = registry.storage().put(f"{org_id}/tests/{asset_id}", file, media_type=found.media_type)
    kind = found.media_type.split("/")[0]
    with org_session(org_id) as session:
        session.add(
            Asset(
                id=asset_id,
                org_id=org_id,
                kind=kind if kind in ("image", "audio", "video") else "document",
                name=path.name,
                simulated=False,
            )
        )
        session.flush()
        session.add(
            AssetVersion(
                org_id=org_id,
                asset_id=asset_id,
                number=1,
                storage_key=blob.key,
                sha256=blob.sha256,
                bytes=blob.bytes,
                media_type=blob.media_type,
                width=found.width,
                height=found.height,
                duration_seconds=found.duration_seconds,
                facts={},
            )
        )
    return asset_id
