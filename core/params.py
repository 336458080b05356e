"""The base of every kind's params."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Params(BaseModel):
    """Unknown fields are refused, so that a typo is told and not ignored; and infinity and NaN, which JSON cannot keep."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)
