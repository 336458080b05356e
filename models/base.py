"""The declarative base and the column types that every table shares."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import ForeignKey, MetaData, Numeric, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column

NOW = text("clock_timestamp()")

Id = Annotated[uuid.UUID, mapped_column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)]
Ref = Annotated[uuid.UUID, mapped_column(UUID(as_uuid=True))]
OrgId = Annotated[uuid.UUID, mapped_column(UUID(as_uuid=True), ForeignKey("organizations.id", ondelete="CASCADE"))]
Created = Annotated[datetime, mapped_column(TIMESTAMP(timezone=True), server_default=NOW)]
Json = Annotated[dict[str, Any], mapped_column(JSONB, server_default=text("'{}'::jsonb"))]
JsonList = Annotated[list[Any], mapped_column(JSONB, server_default=text("'[]'::jsonb"))]
Money = Annotated[Decimal, mapped_column(Numeric(14, 6), server_default=text("0"))]


class Base(DeclarativeBase):
    """Strings are `text`; times are `timestamptz` and come from the database's clock."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it as it stands)
        str: Text(),
        datetime: TIMESTAMP(timezone=True),
        uuid.UUID: UUID(as_uuid=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }
