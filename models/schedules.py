"""Jobs that submit themselves."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id, Json, OrgId


class Schedule(Base):
    """A cron line in an IANA zone, or one moment (`run_at`). A fire makes a job keyed `schedule:fire_time`."""

    __tablename__ = "schedules"
    __table_args__ = (
        CheckConstraint("(cron IS NULL) <> (run_at IS NULL)", name="cron_or_once"),
        UniqueConstraint("org_id", "id"),
        Index("ix_schedules_due", "next_fire_at", postgresql_where=text("enabled")),
    )
    id: Mapped[Id]
    org_id: Mapped[OrgId]
    name: Mapped[str]
    kind: Mapped[str]
    params: Mapped[Json]
    cron: Mapped[str | None]
    zone: Mapped[str] = mapped_column(server_default=text("'UTC'"))
    run_at: Mapped[datetime | None]
    next_fire_at: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[Created]
