"""Assets as local files: what a step needs to read one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from core.errors import InvalidInput, NotFound
from models import Asset, AssetVersion
from pipelines.recipe import wanted_files
from tasks.new_assets import fetch_stored
from worker.context import StepContext


@dataclass(frozen=True)
class AssetFile:
    """An asset's current version in the step's working folder. seconds: 0 for a still."""

    path: Path
    name: str
    media_type: str
    seconds: float
    simulated: bool
    facts: dict[str, Any]
    sha256: str


def local_asset(ctx: StepContext, asset_id: uuid.UUID) -> AssetFile:
    """Raises NotFound, also for an asset that was deleted or is another organisation's."""
    with ctx.session() as session:
        found = session.execute(
            select(Asset, AssetVersion)
            .join(AssetVersion, AssetVersion.asset_id == Asset.id)
            .where(Asset.id == asset_id, Asset.version == AssetVersion.number, Asset.deleted_at.is_(None))
        ).first()
    if found is None:
        raise NotFound(f"There is no asset {asset_id}")
    asset, version = found
    path = fetch_stored(ctx, version.storage_key, asset.name)
    return AssetFile(path, asset.name, version.media_type, version.duration_seconds or 0.0, asset.simulated, version.facts, version.sha256)


def wanted_assets(ctx: StepContext, params: BaseModel) -> dict[uuid.UUID, AssetFile]:
    """Every asset that a recipe's params name. Raises InvalidInput with a pointer for one that is missing or of another kind."""
    found: dict[uuid.UUID, AssetFile] = {}
    for asset_id, (pointer, media) in wanted_files(params).items():
        try:
            found[asset_id] = local_asset(ctx, asset_id)
        except NotFound as error:
            raise InvalidInput(error.detail, errors=[{"pointer": f"/params{pointer}", "detail": "no such asset"}]) from None
        kind = found[asset_id].media_type.split("/")[0]
        if kind not in media:
            fault = {"pointer": f"/params{pointer}", "detail": f"is {found[asset_id].media_type}, not {' or '.join(media)}"}
            raise InvalidInput(f"Asset {found[asset_id].name!r} {fault['detail']}", errors=[fault])
    return found
