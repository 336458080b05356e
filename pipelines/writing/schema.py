"""JSON Schemas in the strict form that structured outputs of language models accept."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

# Vendors refuse or ignore these; the limits are told in the descriptions and checked by us.
NOT_STRICT = frozenset({"default", "title", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"})


def strict_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The model's schema with every object closed and every property required."""
    strict = _strict(answer.model_json_schema())
    assert isinstance(strict, dict)
    return strict


def _strict(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this dict are property names, not schema keywords."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {k: _strict(v, names=not names and k in ("properties", "$defs")) for k, v in node.items() if names or k not in NOT_STRICT}
    if not names and "properties" in node:
        closed |= {"additionalProperties": False, "required": list(node["properties"])}
    return closed
