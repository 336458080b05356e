"""/v1/assets: upload, list, search, show, rename, remove."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from api import audit
from api.assets.schemas import AssetChange, AssetOut, AssetsQuery, asset_out
from api.assets.upload import FORM, receive, version_of
from api.auth.caller import caller
from api.openapi import Reply, Routes
from api.paging import page
from api.schemas import ById, Page
from core.errors import NotFound
from models import Asset, AssetVersion
from models.session import org_session
from providers import registry

routes = Routes("assets", "/v1/assets", "Images, sound, video and documents")

LINK_SECONDS = 3600


@routes.on("POST", answers=AssetOut, status=201, form=FORM)
def create() -> Reply:
    """Upload a file. What it is, its content says, not its name."""
    upload = receive()
    asset_id = uuid.uuid4()
    with audit.change(f"asset:{asset_id}", media_type=upload.blob.media_type, bytes=upload.blob.bytes) as session:
        asset = Asset(
            id=asset_id,
            org_id=caller().org_id,
            campaign_id=upload.fields.campaign_id,
            kind=upload.kind,
            name=upload.fields.name or upload.filename,
            created_by=caller().user_id,
        )
        session.add(asset)
        session.flush()
        made = asset_out(asset, version_of(session, upload, asset_id, 1))
    return Reply(made, 201, {"Location": f"/v1/assets/{asset_id}"})


@routes.on("GET", answers=Page[AssetOut])
def index(query: AssetsQuery) -> Page[AssetOut]:
    """Assets, the newest first."""
    with org_session(caller().org_id) as session:
        found, cursor = page(session, _matching(query), Asset, query)
        current = current_versions(session, list(found))
        return Page(items=[asset_out(asset, current[asset.id]) for asset in found], next_cursor=cursor)


def _matching(query: AssetsQuery) -> Select[Asset]:
    assets = select(Asset).where(Asset.deleted_at.is_(None))
    if query.campaign_id:
        assets = assets.where(Asset.campaign_id == query.campaign_id)
    if query.kind:
        assets = assets.where(Asset.kind == query.kind)
    if query.q:
        assets = assets.where(
            or_(Asset.name.icontains(query.q, autoescape=True), cast(Asset.tags, String).icontains(query.q, autoescape=True))
        )
    return assets


def current_versions(session: Session, assets: list[Asset]) -> dict[uuid.UUID, AssetVersion]:
    """The current version of each asset, by the asset's id."""
    wanted = and_(AssetVersion.asset_id == Asset.id, AssetVersion.number == Asset.version)
    versions = select(AssetVersion).join(Asset, wanted).where(Asset.id.in_([asset.id for asset in assets]))
    return {version.asset_id: version for version in session.execute(versions).scalars()}


def find_asset(session: Session, asset_id: uuid.UUID, *, lock: bool = False) -> Asset:
    """Raises NotFound, also for a removed one."""
    wanted = select(Asset).where(Asset.id == asset_id, Asset.deleted_at.is_(None))
    asset = session.execute(wanted.with_for_update() if lock else wanted).scalar_one_or_none()
    if asset is None:
        raise NotFound(f"There is no asset {asset_id}")
    return asset


@routes.on("GET", "/<uuid:id>", answers=AssetOut)
def show(path: ById) -> AssetOut:
    """One asset, with a link that works without a login for an hour."""
    with org_session(caller().org_id) as session:
        asset = find_asset(session, path.id)
        current = current_versions(session, [asset])[asset.id]
    link = registry.storage().link(current.storage_key, seconds=LINK_SECONDS, media_type=current.media_type)
    return asset_out(asset, current, link)


@routes.on("PATCH", "/<uuid:id>", answers=AssetOut)
def update(path: ById, body: AssetChange) -> AssetOut:
    """Change the name or the tags."""
    wanted: dict[str, Any] = body.model_dump(exclude_none=True)
    with audit.change(f"asset:{path.id}", changed=sorted(wanted)) as session:
        asset = find_asset(session, path.id, lock=True)
        for name, value in wanted.items():
            setattr(asset, name, value)
        asset.updated_at = session.execute(select(func.clock_timestamp())).scalar_one()
        return asset_out(asset, current_versions(session, [asset])[asset.id])


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Remove the asset from every list; posts that used it keep it."""
    with audit.change(f"asset:{path.id}") as session:
        find_asset(session, path.id, lock=True).deleted_at = session.execute(select(func.clock_timestamp())).scalar_one()
    return Reply(status=204)
