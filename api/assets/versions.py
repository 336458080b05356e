"""/v1/assets/{id}/versions: what an asset was before, and a new version of it."""

from __future__ import annotations

from sqlalchemy import func, select

from api import audit
from api.assets.schemas import AssetOut, VersionOut, asset_out
from api.assets.upload import FORM, receive, version_of
from api.assets.views import find_asset, routes
from api.auth.caller import caller
from api.openapi import Reply
from api.schemas import ById, Page
from core.errors import UnsupportedMedia
from models import AssetVersion
from models.session import org_session


@routes.on("GET", "/<uuid:id>/versions", answers=Page[VersionOut])
def versions(path: ById) -> Page[VersionOut]:
    """Every version, the newest first."""
    with org_session(caller().org_id) as session:
        find_asset(session, path.id)
        rows = select(AssetVersion).where(AssetVersion.asset_id == path.id).order_by(AssetVersion.number.desc())
        return Page(items=[VersionOut.model_validate(row) for row in session.execute(rows).scalars()], next_cursor=None)


@routes.on("POST", "/<uuid:id>/versions", answers=AssetOut, status=201, form=FORM)
def add_version(path: ById) -> Reply:
    """Upload a new version, of the same kind of file; it becomes the current one."""
    with org_session(caller().org_id) as session:
        find_asset(session, path.id)
    upload = receive()
    with audit.change(f"asset:{path.id}", media_type=upload.blob.media_type, bytes=upload.blob.bytes) as session:
        asset = find_asset(session, path.id, lock=True)
        if upload.kind != asset.kind:
            raise UnsupportedMedia(
                f"The asset is of kind {asset.kind}, the file of kind {upload.kind}", hint="Upload it as an asset of its own."
            )
        newest = session.execute(select(func.max(AssetVersion.number)).where(AssetVersion.asset_id == path.id)).scalar_one()
        asset.version = newest + 1
        asset.updated_at = session.execute(select(func.clock_timestamp())).scalar_one()
        made = asset_out(asset, version_of(session, upload, path.id, asset.version))
    return Reply(made, 201, {"Location": f"/v1/assets/{path.id}"})
