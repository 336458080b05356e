"""Coded segments of renders, kept by the hash of what they show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NOW, Base, Created, OrgId


class RenderSegment(Base):
    """A segment, or the sound of a whole render. Those that no render has used for SEGMENT_DAYS are removed."""

    __tablename__ = "render_segments"
    __table_args__ = (Index(None, "last_used_at"),)
    org_id: Mapped[OrgId] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    storage_key: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    frames: Mapped[int]
    created_at: Mapped[Created]
    last_used_at: Mapped[datetime] = mapped_column(server_default=NOW)
