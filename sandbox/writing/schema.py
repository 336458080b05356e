"""JSON that is valid under a requested schema: a template's suggestion where it fits, words for the rest."""

from __future__ import annotations

import math
from typing import Any

from jsonschema import Draft202012Validator

from sandbox.writing.passages import Passage, shortened
from sandbox.writing.pattern import example
from sandbox.writing.prompt import Prompt
from sandbox.writing.wording import number, wording

Schema = dict[str, Any]
_DEEPEST = 12
_USUAL_ITEMS = 3
_PROOFS = {"quote", "excerpt", "evidence_quote", "passage"}
_ADDRESSES = {"url", "source_url", "page_url", "page", "source", "link"}
_FORMATS = {
    "date": "2026-06-01",
    "date-time": "2026-06-01T09:00:00Z",
    "time": "09:00:00Z",
    "email": "hello@brand.example",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "ipv4": "192.0.2.1",
    "hostname": "brand.example",
}


class Unfillable(Exception):
    """A schema that nothing valid was found for."""


class Filler:
    """Fills one schema for one prompt."""

    def __init__(self, schema: Schema, prompt: Prompt) -> None:
        self._root, self._prompt = schema, prompt

    def fill(self, suggestion: Any = None) -> Any:
        """A valid value. Raises Unfillable."""
        found = self._value(self._root, suggestion, (), 0, None)
        if faults := [error.message for error in Draft202012Validator(self._root).iter_errors(found)]:
            raise Unfillable(faults[0])
        return found

    def _fits(self, schema: Schema, value: Any) -> bool:
        """Whether a suggestion may stay: it is there, and valid."""
        return value is not None and self._validates(schema, value)

    def _validates(self, schema: Schema, value: Any) -> bool:
        if not isinstance(schema, dict):
            return bool(schema)
        definitions: Schema = {name: self._root[name] for name in ("$defs", "definitions") if name in self._root}
        return bool(Draft202012Validator(definitions | schema).is_valid(value))

    def _resolved(self, schema: Any) -> Schema:
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            target: Any = self._root
            for part in schema["$ref"].removeprefix("#").strip("/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")] if part else target
            return self._resolved({**target, **{k: v for k, v in schema.items() if k != "$ref"}})
        if "allOf" in schema:
            return self._merged([{k: v for k, v in schema.items() if k != "allOf"}, *schema["allOf"]])
        return schema

    def _merged(self, schemas: list[Any]) -> Schema:
        merged: Schema = {}
        for part in map(self._resolved, schemas):
            properties = {**merged.get("properties", {}), **part.get("properties", {})}
            required = [*merged.get("required", []), *part.get("required", [])]
            merged |= part
            merged |= {"properties": properties, "required": required} if properties else {}
        return merged

    def _value(self, schema: Any, suggestion: Any, path: tuple[str, ...], index: int, passage: Passage | None) -> Any:
        schema = self._resolved(schema)
        if self._fits(schema, suggestion):
            return suggestion
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(schema["enum"], path, index)
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self._first_valid(schema, schema[union], suggestion, path, index, passage)
        kinds = schema.get("type")
        kind = next((k for k in kinds if k != "null"), "null") if isinstance(kinds, list) else kinds
        kind = kind or ("object" if "properties" in schema else "array" if "items" in schema else "string")
        return self._of_kind(kind, schema, suggestion, path, index, passage)

    def _of_kind(self, kind: str, schema: Schema, suggestion: Any, path: tuple[str, ...], index: int, passage: Passage | None) -> Any:
        if kind == "object":
            return self._object(schema, suggestion, path, index, passage)
        if kind == "array":
            return self._array(schema, suggestion, path, passage)
        if kind in ("integer", "number"):
            return _number(schema, number(path, index), whole=kind == "integer")
        if kind == "boolean":
            return True
        return None if kind == "null" else self._string(schema, suggestion, path, index, passage)

    def _first_valid(
        self, schema: Schema, options: list[Any], suggestion: Any, path: tuple[str, ...], index: int, passage: Passage | None
    ) -> Any:
        rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
        tried: list[Any] = []
        for option in sorted(options, key=_is_null):
            tried.append(self._value(self._merged([rest, option]), suggestion, path, index, passage))
            if self._validates(schema, tried[-1]):
                return tried[-1]
        return tried[0]

    def _choice(self, values: list[Any], path: tuple[str, ...], index: int) -> Any:
        """Enumerations of channels follow the asked channels; others go round."""
        asked = [name for name, _ in self._prompt.channels if name in values]
        if path and "channel" in path[-1] and asked:
            return asked[index % len(asked)]
        return values[index % len(values)]

    def _object(self, schema: Schema, suggestion: Any, path: tuple[str, ...], index: int, passage: Passage | None) -> Schema:
        properties: Schema = schema.get("properties", {})
        given = suggestion if isinstance(suggestion, dict) else {}
        if passage is None and self._wants_proof(properties):
            passage = self._prompt.take("values")
        names = [n for n in properties if len(path) < _DEEPEST or n in schema.get("required", [])]
        found = {}
        for name in names:
            if passage and name in _ADDRESSES and _PROOFS & set(properties):
                found[name] = passage.url
            elif passage and name in _PROOFS:
                found[name] = shortened(passage.quote, self._resolved(properties[name]).get("maxLength", 10_000))
            else:
                found[name] = self._value(properties[name], given.get(name), (*path, name), index, passage)
        for name in schema.get("required", []):
            found.setdefault(name, wording(self._prompt, (*path, name), index, passage))
        return found | self._free_keys(schema, given, found, path, passage)

    def _free_keys(self, schema: Schema, given: Schema, found: Schema, path: tuple[str, ...], passage: Passage | None) -> Schema:
        """Entries of a map, as a `dict[str, ...]` asks for; its keys are the channels, else numbered."""
        extra = schema.get("additionalProperties")
        if found or not isinstance(extra, dict):
            return {}
        keys = list(given) or [name for name, _ in self._prompt.channels]
        keys += [f"item_{n}" for n in range(len(keys) + 1, schema.get("minProperties", 1) + 1)]
        keys = keys[: schema.get("maxProperties", len(keys))]
        return {key: self._value(extra, given.get(key), (*path, key), n, passage) for n, key in enumerate(keys)}

    def _wants_proof(self, properties: Schema) -> bool:
        """Whether the object, or a source inside it, carries a quote."""
        if _PROOFS & set(properties):
            return True
        inner = [self._resolved(child) for name, child in properties.items() if name in ("source", "sources", "evidence", "citations")]
        return any(_PROOFS & set(self._resolved(child.get("items", child)).get("properties", {})) for child in inner)

    def _array(self, schema: Schema, suggestion: Any, path: tuple[str, ...], passage: Passage | None) -> list[Any]:
        given = suggestion if isinstance(suggestion, list) else []
        fewest, most = schema.get("minItems", 0), schema.get("maxItems", 10_000)
        usual = self._prompt.data.get("count") if path and path[-1] == self._prompt.purpose else None
        count = max(fewest, min(most, len(given) or (usual if isinstance(usual, int) else self._usual_items(schema))))
        if len(path) >= _DEEPEST:
            count = fewest
        fixed = schema.get("prefixItems", [])
        items = [*fixed, *[schema.get("items", {})] * max(0, count - len(fixed))]
        found = [
            self._value(item, given[n] if n < len(given) else None, path, n, passage if len(items) == 1 else None)
            for n, item in enumerate(items)
        ]
        return _unique(found, fewest) if schema.get("uniqueItems") else found

    def _usual_items(self, schema: Schema) -> int:
        """One for each channel where the items name a channel, else three."""
        properties = self._resolved(schema.get("items")).get("properties", {})
        return len(self._prompt.channels) or _USUAL_ITEMS if "channel" in properties else _USUAL_ITEMS

    def _string(self, schema: Schema, suggestion: Any, path: tuple[str, ...], index: int, passage: Passage | None) -> str:
        text = suggestion if isinstance(suggestion, str) else wording(self._prompt, path, index, passage)
        if schema.get("format") in ("uri", "url"):
            text = passage.url if passage else self._prompt.home
        text = _FORMATS.get(schema.get("format", ""), text)
        if "pattern" in schema and not self._validates({"pattern": schema["pattern"]}, text):
            text = self._by_pattern(schema["pattern"])
        fewest, most = schema.get("minLength", 0), schema.get("maxLength", 100_000)
        while len(text) < fewest:
            more = self._prompt.take("values")
            text = f"{text} {more.quote if more else 'And there is more.'}".strip()
        return shortened(text, most) if len(text) > most and len(shortened(text, most)) >= fewest else text[:most]

    def _by_pattern(self, pattern: str) -> str:
        candidates = [*self._prompt.colours, *(self._prompt.brand_name, self._prompt.home)]
        fitting = (c for c in candidates if self._validates({"pattern": pattern}, c))
        try:
            return next(fitting, None) or example(pattern)
        except (ValueError, StopIteration) as error:
            raise Unfillable(str(error)) from None


def _is_null(option: Any) -> bool:
    return isinstance(option, dict) and option.get("type") == "null"


def _number(schema: Schema, usual: float, *, whole: bool) -> float:
    step = schema.get("multipleOf", 1 if whole else None)
    low = schema.get("minimum", -math.inf)
    if (above := schema.get("exclusiveMinimum")) is not None:
        low = max(low, above + (step or 1e-3))
    high = schema.get("maximum", math.inf)
    if (below := schema.get("exclusiveMaximum")) is not None:
        high = min(high, below - (step or 1e-3))
    value = max(low, min(high, usual))
    if step:
        value = math.ceil(value / step) * step
        value = value if value <= high else math.floor(high / step) * step
    return int(value) if whole or value == int(value) else value


def _unique(items: list[Any], fewest: int) -> list[Any]:
    """Without repetitions; repeated texts get a number where too few would remain."""
    distinct = [item for n, item in enumerate(items) if item not in items[:n]]
    for n in range(fewest - len(distinct)):
        last = distinct[-1]
        distinct.append(f"{last} {n + 2}" if isinstance(last, str) else last + n + 1 if isinstance(last, (int, float)) else last)
    return distinct
