"""Requests and answers of the asset routes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas import Body, PageQuery, Query, Row
from models import Asset, AssetVersion

Kind = Literal["image", "audio", "video", "document"]
Label = Annotated[str, Field(min_length=1, max_length=100)]
Tags = Annotated[dict[Label, Annotated[str, Field(max_length=200)]], Field(max_length=50)]


class UploadFields(Body):
    """The text fields of an upload."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    campaign_id: uuid.UUID | None = None


class AssetChange(Body):
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    tags: Tags | None = None


class AssetsQuery(PageQuery):
    campaign_id: uuid.UUID | None = None
    kind: Kind | None = None
    q: str | None = Field(default=None, min_length=1, max_length=200, description="text in the name or the tags")


class ContentQuery(Query):
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="an earlier version; the current one without it")
    download: bool = Field(default=False, description="offer to save instead of showing")


class VersionOut(Row):
    number: int
    media_type: str
    bytes: int
    sha256: str
    width: int | None
    height: int | None
    duration_seconds: float | None
    facts: dict[str, Any]
    created_at: datetime


class AssetOut(Row):
    id: uuid.UUID
    campaign_id: uuid.UUID | None
    concept_id: uuid.UUID | None
    kind: Kind
    role: str | None = Field(description="its part in a campaign: image, voice, video-9x16 ...")
    name: str
    tags: dict[str, Any]
    version: int = Field(description="number of the current version")
    simulated: bool = Field(description="made by the sandbox, not by a real vendor")
    job_id: uuid.UUID | None
    created_at: datetime
    updated_at: datetime
    current: VersionOut
    content: str = Field(description="address of the bytes, with a login")
    link: str | None = Field(default=None, description="address that works without a login for an hour; only where one asset is shown")


def asset_out(asset: Asset, current: AssetVersion, link: str | None = None) -> AssetOut:
    plain = {name: getattr(asset, name) for name in AssetOut.model_fields if hasattr(asset, name)}
    return AssetOut(**plain, current=VersionOut.model_validate(current), content=f"/v1/assets/{asset.id}/content", link=link)
