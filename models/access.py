"""Who may come in: organisations, users, their roles, tokens and connected accounts."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id, OrgId

ROLES = ("viewer", "member", "admin")


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[Id]
    name: Mapped[str]
    currency: Mapped[str] = mapped_column(server_default=text("'USD'"))  # ISO 4217, of reports
    zone: Mapped[str] = mapped_column(server_default=text("'UTC'"))  # IANA, in which its days begin
    created_at: Mapped[Created]


class User(Base):
    """A person. Not a tenant's row: one user may belong to several organisations."""

    __tablename__ = "users"
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    password_hash: Mapped[str]  # bcrypt
    failed_logins: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    created_at: Mapped[Created]


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint("role IN ('viewer','member','admin')", name="role"),)
    org_id: Mapped[OrgId] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str]
    created_at: Mapped[Created]


class RefreshToken(Base):
    """One rotation of a login. All rotations share `family`; a used one coming back revokes the family."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "family"),)
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    family: Mapped[uuid.UUID]
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class RevokedToken(Base):
    """The denylist: access tokens ended before their time. In Postgres, since Redis may be flushed."""

    __tablename__ = "revoked_tokens"
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class OAuthState(Base):
    """A started OAuth consent: usable once, by the same user, before it expires."""

    __tablename__ = "oauth_states"
    state_hash: Mapped[str] = mapped_column(primary_key=True)
    org_id: Mapped[OrgId]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    vendor: Mapped[str]
    verifier_encrypted: Mapped[str]  # PKCE code_verifier
    redirect_uri: Mapped[str]
    expires_at: Mapped[datetime]
    created_at: Mapped[Created]


class Connection(Base):
    """An account at a vendor that an organisation connected; its tokens are encrypted."""

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("org_id", "vendor", "account_id"), UniqueConstraint("org_id", "id"))
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    vendor: Mapped[str]
    account_id: Mapped[str]
    account_name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))  # active, expired
    access_token_encrypted: Mapped[str]
    refresh_token_encrypted: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    scopes: Mapped[str] = mapped_column(server_default=text("''"))
    simulated: Mapped[bool] = mapped_column(server_default=text("false"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]


def in_org(table: str, column: str, *, outlives: bool = False) -> ForeignKeyConstraint:
    """A foreign key that carries the organisation, so that a row can never point into another one.

    outlives: the row stays when what it points to is deleted, and points to nothing then.
    """
    ondelete = f"SET NULL ({column})" if outlives else "CASCADE"
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"], ondelete=ondelete)
