"""A form from a JSON Schema: what pydantic writes for params, as fields that a template draws.

Known: strings (long ones, uuids, dates, addresses), numbers, booleans, choices, lists of those, objects, and any of
them or null. What is not known becomes a field for JSON, so every schema can be filled in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LONG = 300  # characters from which on a text gets several lines

FORMATS = {"date": "date", "date-time": "datetime-local", "email": "email", "password": "password", "uri": "url"}


@dataclass(frozen=True)
class Field:
    """One control. `pointer` is where its value goes in the request and where faults of it point.

    control: text, long, number, switch, choice, choices, list, group, json
    """

    pointer: str
    label: str
    control: str
    required: bool = False
    nullable: bool = False
    help: str = ""
    default: Any = None
    type: str = "string"  # of the JSON value: string, integer, number, boolean, json
    options: tuple[tuple[Any, str], ...] = ()  # values and their labels
    input: str = "text"  # the HTML input's type
    limits: dict[str, Any] = field(default_factory=dict)  # HTML attributes: min, max, minlength, maxlength, pattern, step
    inner: tuple[Field, ...] = ()  # a group's fields; a list's one field

    @property
    def id(self) -> str:
        return "f" + self.pointer.replace("/", "-")


def fields_of(schema: dict[str, Any], pointer: str = "", defs: dict[str, Any] | None = None) -> tuple[Field, ...]:
    """The fields of an object schema, the required ones first, as they were declared."""
    known = defs or schema.get("$defs", {})
    required = set(schema.get("required", ()))
    made = [_field(name, part, f"{pointer}/{name}", name in required, known) for name, part in schema.get("properties", {}).items()]
    return tuple(sorted(made, key=lambda one: not one.required))


def _field(name: str, schema: dict[str, Any], pointer: str, required: bool, defs: dict[str, Any]) -> Field:
    plain, nullable = _plain(schema, defs)
    common = {
        "pointer": pointer,
        "label": _label(name, plain.get("title") or schema.get("title") or ""),
        "required": required,
        "nullable": nullable,
        "help": _sentence(schema.get("description") or plain.get("description", "")),
        "default": schema.get("default", plain.get("default")),
    }
    return Field(**{**common, **_control(name, plain, pointer, defs)})


def _label(name: str, title: str) -> str:
    """The title if somebody wrote one; pydantic's own is the name in capitals, and ours reads better."""
    made_up = not title or title == name.replace("_", " ").title()
    return name.replace("_", " ").capitalize() if made_up else title


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(schema: dict[str, Any], defs: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The schema with references followed and null taken off, and whether null was there."""
    if "$ref" in schema:
        return _plain({**defs.get(schema["$ref"].rpartition("/")[2], {}), **{k: v for k, v in schema.items() if k != "$ref"}}, defs)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if not branches:
        return schema, False
    others = [branch for branch in branches if branch.get("type") != "null"]
    if len(others) == 1:
        return _plain(others[0], defs)[0], len(others) < len(branches)
    numeric = [branch for branch in others if branch.get("type") in ("number", "integer")]
    return (numeric[0] if numeric else {}), len(others) < len(branches)  # a Decimal is written as number or string


def _control(name: str, schema: dict[str, Any], pointer: str, defs: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema or "const" in schema:
        return {"control": "choice", "type": "json", "options": pairs(schema.get("enum") or [schema["const"]])}
    match schema.get("type"):
        case "string":
            return _text(schema)
        case "integer" | "number" as kind:
            return {"control": "number", "type": kind, "input": "number", "limits": _number_limits(schema, kind)}
        case "boolean":
            return {"control": "switch", "type": "boolean"}
        case "object" if schema.get("properties"):
            return {"control": "group", "inner": fields_of(schema, pointer, defs)}
        case "array":
            return _list(name, schema, pointer, defs)
    return {"control": "json", "type": "json"}


def _text(schema: dict[str, Any]) -> dict[str, Any]:
    names = {"minLength": "minlength", "maxLength": "maxlength", "pattern": "pattern"}
    limits = {html: schema[ours] for ours, html in names.items() if ours in schema}
    form = schema.get("format", "")
    if form == "uuid":
        limits = {"pattern": "[0-9a-fA-F-]{32,36}", "placeholder": "00000000-0000-0000-0000-000000000000"}
    long = not form and "pattern" not in schema and schema.get("maxLength", 0) >= LONG
    return {"control": "long" if long else "text", "input": FORMATS.get(form, "text"), "limits": limits}


def _number_limits(schema: dict[str, Any], kind: str) -> dict[str, Any]:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum", schema.get("exclusiveMaximum"))
    limits = {"min": low, "max": high, "step": 1 if kind == "integer" else "any"}
    return {name: value for name, value in limits.items() if value is not None}


def _list(name: str, schema: dict[str, Any], pointer: str, defs: dict[str, Any]) -> dict[str, Any]:
    """Choices are ticked, simple values get a row each, anything else is written as JSON."""
    item = _field(name, schema.get("items", {}), f"{pointer}/-", False, defs)
    if item.control == "choice":
        return {"control": "choices", "type": "json", "options": item.options}
    if item.control in ("text", "long", "number"):
        return {"control": "list", "type": item.type, "inner": (item,)}
    return {"control": "json", "type": "json"}


def as_json(value: Any) -> str:
    """A value as an option or a JSON field carries it."""
    return json.dumps(value, ensure_ascii=False)


def pairs(values: Iterable[Any]) -> tuple[tuple[Any, str], ...]:
    """Choices with their labels."""
    return tuple((value, str(value)) for value in values)
