"""What every resource's requests and answers are made of."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")

Usd = Annotated[Decimal, Field(description="US dollars, as a decimal string")]


class Body(BaseModel):
    """A JSON body: unknown fields are faults, outer blanks are cut."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Query(BaseModel):
    """A query string: unknown parameters are faults."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class PageQuery(Query):
    limit: int = Field(default=50, ge=1, le=200, description="rows of one page")
    cursor: str | None = Field(default=None, max_length=200, description="next_cursor of the page before")


class ById(BaseModel):
    id: uuid.UUID


class Row(BaseModel):
    """An answer made from a table's row."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[T]):
    """next_cursor is null on the last page."""

    items: list[T]
    next_cursor: str | None
