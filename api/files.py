"""/files/{key}: signed links of the folder store."""

from __future__ import annotations

from flask import Response, request
from pydantic import BaseModel

from api.blobs import serve
from api.openapi import Routes
from core.crypto import token_hash
from core.errors import NotFound
from providers import registry
from providers.storage import links

routes = Routes("files", "/files", "Signed links to files of the folder store")


class ByKey(BaseModel):
    key: str


@routes.on("GET", "/<path:key>", public=True)
def show(path: ByKey) -> Response:
    """The file that a signed link names, until the link expires."""
    query = request.args.to_dict()
    links.check(path.key, query)
    store = registry.storage()
    if store.vendor != "folder":
        raise NotFound("Files live in a bucket here", hint="Open the asset for a new link.")
    name = query.get("name", "")
    media_type = query.get("type") or "application/octet-stream"
    return serve(
        store, path.key, etag=token_hash(path.key), media_type=media_type, name=name or path.key.rpartition("/")[2], download=bool(name)
    )
