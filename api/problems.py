"""Errors as RFC 9457 problem objects, in one handler."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request
from flask_limiter import RateLimitExceeded
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from api import audit
from core.errors import DrumbeatError, MalformedRequest, NotFound, PayloadTooLarge, TooManyRequests, Unavailable
from core.logging import logger
from models.session import database_away
from worker.jsonb import plain

PROBLEM_JSON = "application/problem+json"
DRAINED = 64 * 1024 * 1024  # bytes of a refused body read on, so that the client gets to see the answer


class Fault(BaseModel):
    pointer: str = Field(description="JSON pointer into the body; /query/... for the query string")
    detail: str


class Problem(BaseModel):
    """Why a request was not served (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="stable; made for programs")
    hint: str = Field(description="what to do")
    errors: list[Fault]
    request_id: str
    retryable: bool = Field(description="the same request can succeed later")


class MethodNotAllowed(DrumbeatError):
    code, status, title = "method_not_allowed", 405, "This address does not take this method"


class HttpFault(DrumbeatError):
    """Any other refusal by the HTTP layer itself; takes over its status."""

    code, title = "http_error", "The request was refused"


def problem_response(error: DrumbeatError) -> Response:
    """The answer for an error, as application/problem+json."""
    problem = Problem(
        type=f"urn:drumbeat:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=plain(error.detail),
        code=error.code,
        hint=plain(error.hint),
        errors=[Fault(**{name: plain(said) for name, said in fault.items()}) for fault in error.errors],
        request_id=g.get("request_id", ""),
        retryable=error.remedy in ("retry", "wait"),
    )
    response = Response(problem.model_dump_json(), status=error.status, mimetype=PROBLEM_JSON)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="drumbeat"'
    return response


def install(app: Flask) -> None:
    """Answer every exception of the app with a problem object."""
    app.register_error_handler(DrumbeatError, _expected)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _unexpected)


def _expected(error: DrumbeatError) -> Response:
    """Denied attempts are in the audit log before anybody sees the answer."""
    try:
        audit.note_denial(error)
    except Unavailable as away:
        error = away
    if error.status >= 500:
        logger("api").warning("request failed", code=error.code, detail=error.detail)
    return problem_response(error)


def _refused(error: HTTPException) -> Response:
    response = _expected(_as_ours(error))
    if error.code == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    if error.code == 413:
        _drain()
    return response


def _as_ours(error: HTTPException) -> DrumbeatError:
    if isinstance(error, RateLimitExceeded):
        window = error.limit.limit.get_expiry() if error.limit else 60
        return TooManyRequests(f"More than {error.description} from this client", hint="Slow down; see RateLimit.", retry_after=window)
    if error.code == 404:
        return NotFound(f"There is no {request.path}", hint="GET /openapi.json lists every address.")
    if error.code == 405:
        return MethodNotAllowed(f"{request.path} does not take {request.method}", hint="The Allow header names the methods.")
    if error.code == 413:
        limit = request.max_content_length
        return PayloadTooLarge(f"The body is larger than {limit} bytes", hint="Send less, or raise MAX_BODY_BYTES or MAX_UPLOAD_BYTES.")
    if error.code == 400:
        return MalformedRequest(error.description or "")
    fault = HttpFault(error.description or "")
    fault.status = error.code or 500
    return fault


def _unexpected(error: Exception) -> Response:
    if isinstance(error, OperationalError | InterfaceError | PoolExhausted):
        return _expected(database_away(error))
    logger("api").exception("unexpected error", path=request.path, exc_info=error)
    return problem_response(DrumbeatError("An unexpected error; it is in the log under this request_id", hint="Try again, then report it."))


def _drain() -> None:
    stream: Any = request.environ["wsgi.input"]
    left = DRAINED
    while left > 0 and (chunk := stream.read(min(left, 65536))):
        left -= len(chunk)
