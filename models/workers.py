"""Pool processes and what they say of themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created


class Worker(Base):
    """One pool process. Alive while `seen_at` is fresh; slots of the silent ones do not count."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(primary_key=True)  # the Celery node name
    pool: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    slots: Mapped[int]
    device: Mapped[str] = mapped_column(server_default=text("'cpu'"))  # cpu, cuda:0 ...
    version: Mapped[str] = mapped_column(server_default=text("''"))
    started_at: Mapped[Created]
    seen_at: Mapped[datetime]
