"""Schemas in their strict form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, Field

from pipelines.brand.dna import BrandAnswer
from pipelines.brief.brief import BriefAnswer
from pipelines.competitors.profile import CompetitorsAnswer
from pipelines.concepts.concept import ConceptsAnswer
from pipelines.writing.schema import NOT_STRICT, strict_schema


class Titled(BaseModel):
    title: str = Field(min_length=1, description="a property may be called like a keyword")
    pattern: str | None = None


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


@pytest.mark.parametrize("answer", [BrandAnswer, BriefAnswer, CompetitorsAnswer, ConceptsAnswer])
def test_every_object_is_closed(answer: type[BaseModel]) -> None:
    """Nothing may be added to an answer and nothing left out, at any depth."""
    found = list(objects(strict_schema(answer)))
    assert found
    assert all(o["additionalProperties"] is False and o["required"] == list(o["properties"]) for o in found)


def test_limits_are_left_out_and_names_kept() -> None:
    """Keywords that vendors refuse go; properties of the same name stay."""
    schema = strict_schema(Titled)
    assert list(schema["properties"]) == ["title", "pattern"]
    assert not NOT_STRICT & set(schema["properties"]["title"])
