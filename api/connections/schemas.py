"""Requests and answers of the connection routes."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Body, Row


class Start(Body):
    vendor: str = Field(max_length=50, description="the channel: x")


class Started(BaseModel):
    authorize_url: str = Field(description="open it in the same browser or client, which keeps the cookie of this answer")
    expires_in: int = Field(description="seconds the consent may take")


class ConnectionOut(Row):
    id: uuid.UUID
    vendor: str
    account_id: str
    account_name: str
    state: str = Field(description="active, or expired: connect it again")
    scopes: str
    simulated: bool
    expires_at: datetime | None
    created_at: datetime


class CallbackQuery(BaseModel):
    """What a vendor sends back; it may add more."""

    model_config = ConfigDict(extra="ignore")
    state: str = Field(default="", max_length=500)
    code: str = Field(default="", max_length=4000)
    error: str = Field(default="", max_length=500)
    error_description: str = Field(default="", max_length=2000)


class ByVendor(BaseModel):
    vendor: str
