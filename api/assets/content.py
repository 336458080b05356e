"""/v1/assets/{id}/content: the bytes, or a link to them where a bucket serves them."""

from __future__ import annotations

from flask import Response, redirect
from sqlalchemy import select

from api.assets.schemas import ContentQuery
from api.assets.views import find_asset, routes
from api.auth.caller import caller
from api.blobs import serve
from api.schemas import ById
from core.errors import NotFound
from models import AssetVersion
from models.session import org_session
from providers import registry

REDIRECT_SECONDS = 300


@routes.on("GET", "/<uuid:id>/content")
def content(path: ById, query: ContentQuery) -> Response:
    """The file itself, in ranges if asked; from a bucket by a redirect to a presigned link."""
    with org_session(caller().org_id) as session:
        asset = find_asset(session, path.id)
        wanted = AssetVersion.number == (query.version or asset.version)
        version = session.execute(select(AssetVersion).where(AssetVersion.asset_id == asset.id, wanted)).scalar_one_or_none()
    if version is None:
        raise NotFound(f"Asset {path.id} has no version {query.version}")
    store = registry.storage()
    if store.vendor != "folder":
        name = asset.name if query.download else ""
        link = store.link(version.storage_key, seconds=REDIRECT_SECONDS, media_type=version.media_type, filename=name)
        return redirect(link, 302, Response)  # type: ignore[return-value]
    return serve(store, version.storage_key, etag=version.sha256, media_type=version.media_type, name=asset.name, download=query.download)
