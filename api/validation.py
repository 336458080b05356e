"""Requests against their models: every fault at once, each with its pointer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from api.json_body import read_json, unstorable
from core.errors import InvalidInput, NotFound
from core.pointers import escaped

M = TypeVar("M", bound=BaseModel)

TOLD = 5  # faults named in the sentence; `errors` holds them all


def checked(model: type[M], value: Any, at: str = "") -> M:
    """`value` as `model`. Raises InvalidInput with pointers that start with `at`."""
    faults = list(unstorable(value, at))
    if not faults:
        try:
            return model.model_validate(value)
        except ValidationError as error:
            faults = [_fault(e, at) for e in error.errors(include_url=False, include_input=False)]
    told = "; ".join(f"{fault['pointer'] or '/'} {fault['detail']}" for fault in faults[:TOLD])
    raise InvalidInput(f"The request has {len(faults)} fault(s): {told}", hint="GET /openapi.json describes every request.", errors=faults)


def _fault(error: Any, at: str) -> dict[str, str]:
    return {"pointer": at + "".join(f"/{escaped(p)}" for p in error["loc"]), "detail": error["msg"].removeprefix("Value error, ")}


def arguments(models: Mapping[str, type[BaseModel]], in_path: dict[str, Any]) -> dict[str, BaseModel]:
    """A view's arguments `path`, `query`, `body`, as far as it declares them."""
    found: dict[str, BaseModel] = {}
    if "path" in models:
        found["path"] = _path(models["path"], in_path)
    if "query" in models:
        found["query"] = checked(models["query"], request.args.to_dict(), "/query")
    if "body" in models:
        found["body"] = checked(models["body"], read_json())
    return found


def _path(model: type[M], values: dict[str, Any]) -> M:
    try:
        return checked(model, values, "/path")
    except InvalidInput:
        raise NotFound(f"There is nothing at {request.path}") from None
