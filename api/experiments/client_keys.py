"""/v1/client-keys: public keys by which browsers read experiments and report exposures."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select

from api import audit
from api.auth.caller import caller
from api.experiments import published
from api.openapi import Reply, Routes
from api.schemas import Body, ById, Row
from core.errors import Conflict, NotFound
from models import ClientKey
from models.session import org_session

routes = Routes("client-keys", "/v1/client-keys", "Public keys of SDKs that read experiments")

MOST = 100
PREFIX = "sdk-"


class NewClientKey(Body):
    name: str = Field(min_length=1, max_length=200)


class ClientKeyOut(Row):
    id: uuid.UUID
    name: str
    key: str = Field(description="no secret: it is in every page that uses it")
    created_at: datetime


class ClientKeys(BaseModel):
    items: list[ClientKeyOut]


@routes.on("POST", answers=ClientKeyOut, status=201)
def create(body: NewClientKey) -> Reply:
    """Make a key. With it, SDKs read GET /api/features/{key} and report to POST /api/exposures/{key}."""
    key = ClientKey(
        id=uuid.uuid4(), org_id=caller().org_id, name=body.name, key=PREFIX + secrets.token_urlsafe(15), created_by=caller().user_id
    )
    with audit.change(f"client-key:{key.id}", name=body.name) as session:
        if session.execute(select(func.count()).select_from(ClientKey)).scalar_one() >= MOST:
            raise Conflict(f"There are {MOST} client keys already", hint="Delete one that is not used any more.")
        session.add(key)
        session.flush()
        session.refresh(key)
        return Reply(ClientKeyOut.model_validate(key), 201)


@routes.on("GET", answers=ClientKeys)
def index() -> ClientKeys:
    """All client keys, the newest first."""
    with org_session(caller().org_id) as session:
        found = session.execute(select(ClientKey).order_by(ClientKey.created_at.desc())).scalars().all()
    return ClientKeys(items=[ClientKeyOut.model_validate(key) for key in found])


@routes.on("DELETE", "/<uuid:id>", status=204)
def delete(path: ById) -> Reply:
    """Delete a key: SDKs that use it get nothing any more, within seconds."""
    with audit.change(f"client-key:{path.id}") as session:
        key = session.execute(delete_rows(ClientKey).where(ClientKey.id == path.id).returning(ClientKey.key)).scalar_one_or_none()
        if key is None:
            raise NotFound(f"There is no client key {path.id}")
    published.forget(key)
    return Reply(status=204)
