"""What a statement about a brand looks like, and finding all of them in an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of everything a language model is asked to fill. Unknown keys are left out, not refused."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Source(Answer):
    url: str = Field(description="URL of the page, exactly as given in pages")
    quote: str = Field(description="words copied from that page letter by letter, one sentence or less")


class Statement(Answer):
    text: str = Field(min_length=1, description="the statement, in your own words")
    source: Source = Field(description="the place that bears the statement out")


def statements(value: Any, pointer: str = "") -> Iterator[tuple[str, Statement]]:
    """Every statement inside a model, list or dict, each with its JSON pointer."""
    if isinstance(value, Statement):
        yield pointer, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from statements(getattr(value, name), f"{pointer}/{name}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from statements(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from statements(item, f"{pointer}/{key}")
