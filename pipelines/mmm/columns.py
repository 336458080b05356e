"""Which column of a sales history is what."""

from __future__ import annotations

from pydantic import Field

from core.params import Params
from pipelines.mmm.specification import Name


class Columns(Params):
    """The names of a table's columns.

    Wide: a row a period (and geo), a column a channel. Long: a row a period, geo and channel, with the columns `channel`
    and `spend`; the outcome and the controls then stand in each row of a period, or in one of them.
    """

    date: Name = "date"
    outcome: Name = Field(default="revenue", description="the column of what is to be explained")
    channels: list[Name] | None = Field(
        default=None, min_length=1, max_length=40, description="columns of spend; without it every column with figures that is nothing else"
    )
    controls: list[Name] = Field(
        default_factory=list, max_length=20, description="columns that move the outcome and are not media: price, weather"
    )
    geo: Name | None = Field(default=None, description="column of the geo, where there are several")
    currency: Name = Field(default="currency", description="column of the currency's code, where there is one")
    channel: Name = Field(default="channel", description="of a long table")
    spend: Name = Field(default="spend", description="of a long table")
