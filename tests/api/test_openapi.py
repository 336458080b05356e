"""The published document and the page that shows it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask

from api.permissions import ACCESS, PUBLIC
from tests.api.conftest import Api

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def document(anonymous: Api) -> dict[str, Any]:
    found: dict[str, Any] = anonymous.get("/openapi.json").json
    return found


def test_every_route_under_v1_is_described(app: Flask, document: dict[str, Any]) -> None:
    """Each route of the API is in the document, with a summary."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/v1/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in METHODS & (rule.methods or set()):
                assert document["paths"][path][method.lower()]["summary"], (path, method)


def test_the_document_is_openapi_3_1_with_problems(document: dict[str, Any]) -> None:
    """Version 3.1.1; every 422 is a problem object."""
    assert document["openapi"] == "3.1.1"
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["responses"]["422"]["content"].keys() == {"application/problem+json"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No dangling `$ref`, none that only a single schema of its own could resolve."""
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_public_and_guarded_routes_are_told_apart(app: Flask, document: dict[str, Any]) -> None:
    """The document asks for a bearer token exactly where the guard does."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in METHODS & (rule.methods or set()) if path in document["paths"] else ():
            assert bool(document["paths"][path][method.lower()].get("security")) == (ACCESS[rule.endpoint] != PUBLIC), rule


def test_the_docs_load_nothing_from_elsewhere(anonymous: Api) -> None:
    """The page's scripts and styles are files of this server, none is inline."""
    page = anonymous.get("/docs").text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    for address in addresses:
        assert address.startswith("data:") or anonymous.get(address).status_code == 200, address
    assert "<script>" not in page
    assert "<style" not in page
