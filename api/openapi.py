"""The one module that knows flask-openapi: it writes the document, our own code validates."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel
from pydantic_core import to_json

from api.problems import PROBLEM_JSON, Problem
from api.validation import arguments

SPEC_VERSION = "3.1.1"
BEARER: dict[str, Any] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}

View = Callable[..., Any]


class Platform(OpenAPI):
    """Flask with an OpenAPI document in which every fault is a problem object."""

    def __init__(self, name: str, *, title: str, version: str) -> None:
        super().__init__(
            name,
            info=Info(title=title, version=version),
            security_schemes=BEARER,
            doc_ui=False,
            validation_error_model=Problem,
            static_folder="static",
        )
        self.openapi_version = SPEC_VERSION

    def generate_spec_json(self) -> None:
        super().generate_spec_json()  # type: ignore[no-untyped-call]
        faulty = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in self.spec_json["paths"].values():
            for operation in operations.values():
                operation["responses"]["422"] = {"description": "The request is not valid", "content": faulty}
                operation["responses"]["default"] = {"description": "Any other fault", "content": faulty}


@dataclass(frozen=True)
class Reply:
    """An answer with a status or headers of its own; `body` is a model, plain data or None."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        if self.body is None:
            return Response(status=self.status, headers=self.headers)
        return Response(to_json(self.body), status=self.status, headers=self.headers, mimetype="application/json")


class Routes:
    """The routes of one resource. An endpoint is named `resource.function`, as in api/permissions.py."""

    def __init__(self, name: str, prefix: str, about: str) -> None:
        self.blueprint = APIBlueprint(name, __name__, url_prefix=prefix, abp_tags=[Tag(name=name, description=about)])

    def on(
        self,
        method: str,
        rule: str = "",
        *,
        answers: type[BaseModel] | None = None,
        status: int = 200,
        public: bool = False,
        form: dict[str, Any] | None = None,
        reads: dict[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Serve `rule`. The view takes `path`, `query`, `body` models and returns a model, a Reply or a Response.

        form: JSON Schema of a multipart body that the view reads itself. reads: of a JSON body, the same.
        """

        def register(view: View) -> View:
            summary, _, more = (inspect.getdoc(view) or "").partition("\n")
            options: dict[str, Any] = {"summary": summary, "description": more.strip() or summary}
            options |= {"responses": {status: answers}, "security": [] if public else [{"bearer": []}]}
            if form or reads:
                media_type = "multipart/form-data" if form else "application/json"
                options["request_body"] = {"required": True, "content": {media_type: {"schema": form or reads}}}
            getattr(self.blueprint, method.lower())(rule, **options)(_served(view, status))
            return view

        return register


def _served(view: View, status: int) -> View:
    models = {name: hint for name, hint in get_type_hints(view).items() if name in ("path", "query", "body")}

    @functools.wraps(view)
    def serve(**in_path: Any) -> Response:
        answer = view(**arguments(models, in_path))
        if isinstance(answer, Response):
            return answer
        return (answer if isinstance(answer, Reply) else Reply(answer, status)).response()

    serve.__delay_validate_request__ = True  # type: ignore[attr-defined]  # flask-openapi leaves the validation to us
    return serve
