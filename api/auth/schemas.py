"""Requests and answers of the auth routes."""

from __future__ import annotations

import uuid
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, Field

from api.schemas import Body


def _address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None


Email = Annotated[str, Field(max_length=254), AfterValidator(_address)]
Password = Annotated[str, Field(max_length=1000, json_schema_extra={"format": "password"})]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Registration(Body):
    email: Email
    password: Password
    name: Name | None = None
    organization: Name | None = Field(default=None, description="the new organisation's name")


class Login(Body):
    email: Email
    password: Password
    organization_id: uuid.UUID | None = Field(default=None, description="which one, for a member of several; else the oldest membership")


class Refresh(Body):
    refresh_token: str = Field(max_length=200)


class UserOut(BaseModel):
    id: uuid.UUID
    email: str
    name: str


class OrganizationOut(BaseModel):
    id: uuid.UUID
    name: str
    role: str = Field(description="the user's role in it: viewer, member, admin")


class Session(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "Bearer"
    expires_in: int = Field(description="seconds the access token lives")
    user: UserOut
    organization: OrganizationOut


class Me(BaseModel):
    user: UserOut
    organization: OrganizationOut
    organizations: list[OrganizationOut]


class MeChange(Body):
    name: Name | None = None
    password: Password | None = Field(default=None, description="the new password; ends every other login")
    current_password: Password | None = None
