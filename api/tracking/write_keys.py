"""/v1/write-keys: what a site's pages send events with."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from sqlalchemy import delete as delete_rows
from sqlalchemy import select

from api import audit
from api.auth.caller import caller
from api.openapi import Reply, Routes
from api.paging import page
from api.schemas import Body, ById, Page, PageQuery, Row
from core.errors import NotFound
from core.settings import get_settings
from models import WriteKey
from models.session import org_session

routes = Routes("write-keys", "/v1/write-keys", "Keys with which pages of a site send events")


_USUAL_PORTS = {"http": ":80", "https": ":443"}


def _origin(text: str) -> str:
    """As browsers send it: without the usual port, the host in ASCII."""
    parts = urlsplit(text.strip().lower().rstrip("/"))
    try:
        has_host = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        has_host = False
    if not has_host or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be an origin such as https://shop.example: scheme, host and port, nothing else")
    if not parts.netloc.isascii():
        raise ValueError("must have its host as browsers send it, such as https://xn--mnchen-3ya.example")
    return f"{parts.scheme}://{parts.netloc.removesuffix(_USUAL_PORTS[parts.scheme])}"


Origin = Annotated[str, Field(max_length=300), AfterValidator(_origin)]


class NewWriteKey(Body):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    origins: list[Origin] = Field(min_length=1, max_length=50, description="sites whose pages may use the key")


class WriteKeyChange(Body):
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    origins: list[Origin] | None = Field(default=None, min_length=1, max_length=50)


class WriteKeyOut(Row):
    id: uuid.UUID
    name: str
    key: str = Field(description="public: it stands in the page")
    origins: list[Any]
    snippet: str = Field(default="", description="for the head of each page")
    created_at: datetime


@routes.on("POST", answers=WriteKeyOut, status=201)
def create(body: NewWriteKey) -> Reply:
    """Make a key for a site."""
    key_id = uuid.uuid4()
    with audit.change(f"write-key:{key_id}", origins=body.origins) as session:
        made = WriteKey(
            id=key_id, org_id=caller().org_id, key=f"wk_{secrets.token_urlsafe(18)}", created_by=caller().user_id, **body.model_dump()
        )
        session.add(made)
        session.flush()
        session.refresh(made)
        return Reply(_shown(made), 201, {"Location": f"/v1/write-keys/{key_id}"})


@routes.on("GET", answers=Page[WriteKeyOut])
def index(query: PageQuery) -> Page[WriteKeyOut]:
    """Keys, the newest first."""
    with org_session(caller().org_id) as session:
        found, cursor = page(session, select(WriteKey), WriteKey, query)
    return Page(items=[_shown(key) for key in found], next_cursor=cursor)


@routes.on("PATCH", "/<uuid:id>", answers=WriteKeyOut)
def update(path: ById, body: WriteKeyChange) -> WriteKeyOut:
    """Rename a key, or change the sites it is for."""
    with audit.change(f"write-key:{path.id}", changed=sorted(body.model_dump(exclude_none=True))) as session:
        key = session.get(WriteKey, path.id)
        if key is None:
            raise NotFound(f"There is no write key {path.id}")
        for name, value in body.model_dump(exclude_none=True).items():
            setattr(key, name, value)
        return _shown(key)


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Revoke a key: pages that use it send nothing any more. Its events stay."""
    with audit.change(f"write-key:{path.id}") as session:
        gone = session.execute(delete_rows(WriteKey).where(WriteKey.id == path.id).returning(WriteKey.id)).scalar_one_or_none()
        if gone is None:
            raise NotFound(f"There is no write key {path.id}")
    return Reply(status=204)


def _shown(key: WriteKey) -> WriteKeyOut:
    script = f'<script async src="{get_settings().public_url.rstrip("/")}/t.js" data-key="{key.key}"></script>'
    return WriteKeyOut.model_validate(key).model_copy(update={"snippet": script})
