"""Requests and answers of the campaign routes."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field

from api.assets.schemas import AssetOut
from api.posts import PostOut
from api.schemas import Body, PageQuery, Row, Usd
from providers.registry import channels as known_channels

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", re.IGNORECASE)


def _domain(text: str) -> str:
    parts = urlsplit(text if "://" in text else f"//{text}")
    try:
        host, _ = parts.hostname or "", parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode()
    except ValueError:
        ascii_host = ""
    if parts.scheme not in ("", "http", "https") or parts.username or not (":" in ascii_host or _HOST.fullmatch(ascii_host)):
        raise ValueError("must be a host name such as lumen.example, or an http(s) URL")
    return text


def _channels(named: list[str]) -> list[str]:
    if unknown := [name for name in named if name not in known_channels()]:
        raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(known_channels())}")
    return list(dict.fromkeys(named))


Name = Annotated[str, Field(min_length=1, max_length=200)]
Domain = Annotated[str, Field(min_length=1, max_length=500, description="a host name or an http(s) URL"), AfterValidator(_domain)]
Goal = Annotated[str, Field(min_length=1, max_length=4000)]
Channels = Annotated[list[str], Field(min_length=1, max_length=10), AfterValidator(_channels)]
Budget = Annotated[Decimal, Field(ge=0, le=Decimal(10_000_000), decimal_places=2, description="US dollars that paid calls may cost")]
Approval = Literal["auto", "required"]


class NewCampaign(Body):
    name: Name
    domain: Domain
    goal: Goal
    channels: Channels
    budget: Budget
    approval: Approval = Field(default="auto", description="required: posts wait for a person before they go out")


class CampaignChange(Body):
    name: Name | None = None
    domain: Domain | None = None
    goal: Goal | None = None
    channels: Channels | None = None
    budget: Budget | None = None
    approval: Approval | None = None


class Verdict(Body):
    approve: bool
    post_ids: list[uuid.UUID] | None = Field(default=None, max_length=500, description="only these posts; all that wait without it")
    note: str | None = Field(default=None, max_length=2000)


class CampaignsQuery(PageQuery):
    state: Literal["draft", "queued", "running", "complete", "failed"] | None = None


class CampaignOut(BaseModel):
    id: uuid.UUID
    name: str
    domain: str
    goal: str
    channels: list[str]
    budget: Usd
    approval: Approval
    state: str = Field(description="draft, queued, running, complete, failed")
    job_id: uuid.UUID | None = Field(description="the latest run")
    created_by: uuid.UUID | None
    created_at: datetime
    updated_at: datetime


class BrandOut(Row):
    name: str
    domain: str
    dna: dict[str, Any] = Field(description="every statement with the page and the quote it came from")
    simulated: bool


class CompetitorOut(Row):
    name: str
    url: str | None
    findings: dict[str, Any]
    citations: list[Any]
    simulated: bool


class BriefOut(Row):
    body: dict[str, Any]
    simulated: bool


class ConceptOut(Row):
    id: uuid.UUID
    position: int
    title: str
    body: dict[str, Any]
    simulated: bool


class CampaignDetail(CampaignOut):
    brand: BrandOut | None
    competitors: list[CompetitorOut]
    brief: BriefOut | None
    concepts: list[ConceptOut]
    assets: list[AssetOut]
    posts: list[PostOut]


class VendorCost(BaseModel):
    vendor: str
    simulated: bool
    calls: int
    amount: Usd


class CostOut(Row):
    id: int
    at: datetime
    job_id: uuid.UUID
    step: str
    vendor: str
    what: str
    amount: Usd
    maybe_billed: bool = Field(description="the answer was lost; the vendor may have charged")
    simulated: bool


class Costs(BaseModel):
    budget: Usd
    spent: Usd
    held: Usd = Field(description="estimates of calls under way or in doubt")
    remaining: Usd
    by_vendor: list[VendorCost]
    items: list[CostOut]
    next_cursor: str | None
