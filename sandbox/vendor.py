"""What the sandbox knows of every vendor alike: its name, its routes and the shape of its refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import HTTPException

Body = TypeVar("Body", bound=BaseModel)


class Strict(BaseModel):
    """A request body in which an unknown field or a loosely typed value is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Refused(Exception):
    """Ends a vendor's route with a refusal in the vendor's own shape. `code` is the vendor's word for it."""

    def __init__(self, status: int, message: str, *, code: str = "", param: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.headers = headers or {}


@dataclass(frozen=True)
class Vendor:
    """`shape` turns a refusal into the JSON body (or text) that the vendor would send; `throttled` gives the headers of a 429."""

    name: str
    routes: Blueprint
    shape: Callable[[Refused], Any]
    throttled: Callable[[int], dict[str, str]] = lambda seconds: {"Retry-After": str(seconds)}

    def refuse(self, refused: Refused) -> Response:
        body = self.shape(refused)
        answer = jsonify(body) if isinstance(body, (dict, list)) else Response(body, mimetype="text/html")
        answer.status_code = refused.status
        answer.headers.update(refused.headers)
        return answer

    def refuse_http(self, error: HTTPException) -> Response:
        """Unknown route, wrong method, body too large: as this vendor says it."""
        return self.refuse(Refused(error.code or 500, error.description or error.name))


def read_json(model: type[Body], *, status: int = 400) -> Body:
    """The request's JSON body. Raises Refused with `status` for anything the model does not know."""
    if request.mimetype != "application/json":
        raise Refused(status, "Content-Type must be application/json", code="invalid_request")
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(status, "The body is not a JSON object", code="malformed_json")
    return checked(model, body, status=status)


def checked(model: type[Body], body: dict[str, Any], *, status: int = 400) -> Body:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        message = f"Unknown field: {field}" if first["type"] == "extra_forbidden" else f"{field}: {first['msg']}"
        raise Refused(status, message, code="invalid_request", param=field) from None


def bearer_key(expected: str) -> None:
    """Let the request pass only with `Authorization: Bearer <expected>`."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise Refused(401, "Missing Authorization header; expected 'Authorization: Bearer <key>'", code="missing_key")
    if key != expected:
        raise Refused(401, "Invalid API key", code="invalid_key")
