"""OpenRouter: keys, fields, streams, fallback, structured output."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.sandbox.conftest import Vendor
from tests.stack import SandboxProcess

PAGE = {
    "url": "https://brand.example/about",
    "title": "About | Brand",
    "text": "Brand makes bicycles for people who carry things. Every frame is brazed by hand in our own workshop.\n\n"
    "We promise to repair each bicycle for as long as its owner rides it. A cargo bicycle costs €2,400 and takes six weeks.",
}
ADDRESS = {"type": "object", "properties": {"street": {"type": "string", "minLength": 40}}, "required": ["street"]}
SCHEMAS: dict[str, dict[str, Any]] = {
    "enums and limits": {
        "type": "object",
        "properties": {
            "tone": {"enum": ["calm", "loud"]},
            "score": {"type": "integer", "minimum": 10, "exclusiveMaximum": 12},
            "share": {"type": "number", "multipleOf": 0.25, "maximum": 0.6},
            "headline": {"type": "string", "maxLength": 12},
            "code": {"type": "string", "pattern": "^[A-Z]{3}-\\d{2,4}$"},
            "colours": {
                "type": "array",
                "minItems": 5,
                "maxItems": 5,
                "uniqueItems": True,
                "items": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
            },
        },
        "required": ["tone", "score", "share", "headline", "code"],
        "additionalProperties": False,
    },
    "references and unions": {
        "type": "object",
        "properties": {
            "address": {"$ref": "#/$defs/Address"},
            "price": {"anyOf": [{"type": "null"}, {"type": "number", "minimum": 1}]},
            "both": {"allOf": [{"$ref": "#/$defs/Address"}, {"properties": {"zip": {"const": "12345"}}, "required": ["zip"]}]},
            "kind": {"type": ["null", "string"]},
        },
        "required": ["address", "price", "both", "kind"],
        "$defs": {"Address": ADDRESS},
    },
    "a tree": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "minItems": 0, "maxItems": 2, "items": {"$ref": "#"}}},
        "required": ["name"],
    },
    "a map and a tuple": {
        "type": "object",
        "properties": {
            "texts": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 30}, "minProperties": 2},
            "pair": {
                "type": "array",
                "prefixItems": [{"type": "boolean"}, {"type": "string", "format": "date"}],
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "required": ["texts", "pair"],
    },
    "a bare list": {"type": "array", "minItems": 2, "items": {"type": "string"}},
}


def asked(schema: dict[str, Any], name: str = "odd", **context: Any) -> dict[str, Any]:
    block = json.dumps({"purpose": name, "pages": [PAGE], "channels": ["x", "linkedin"]} | context)
    wanted = {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}
    return {"messages": [{"role": "user", "content": f"Do it.\n\n```json\n{block}\n```"}], "response_format": wanted}


def content(openrouter: Vendor, body: dict[str, Any]) -> Any:
    answer = openrouter.post("/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.json()["choices"][0]["message"]["content"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_answers_are_valid_under_odd_schemas(openrouter: Vendor, name: str) -> None:
    """Whatever schema is asked for, what comes fits it."""
    jsonschema.validate(content(openrouter, asked(SCHEMAS[name])), SCHEMAS[name])


def test_quotes_stand_on_their_pages(openrouter: Vendor) -> None:
    """A quote beside a URL is an exact part of that page's text, and every item has another."""
    source = {"type": "object", "properties": {"url": {"type": "string"}, "quote": {"type": "string"}}, "required": ["url", "quote"]}
    item = {"type": "object", "properties": {"statement": {"type": "string"}, "source": source}, "required": ["statement", "source"]}
    facts = content(
        openrouter,
        asked({"type": "object", "properties": {"facts": {"type": "array", "minItems": 3, "items": item}}, "required": ["facts"]}),
    )
    sources = [fact["source"] for fact in facts["facts"]]
    assert all(source["url"] == PAGE["url"] and source["quote"] in PAGE["text"] for source in sources)
    assert len({source["quote"] for source in sources}) == 3


def test_asking_again_gives_other_words_and_a_seed_the_same(openrouter: Vendor) -> None:
    """A repeated question varies as a model would; with a seed it does not."""
    schema = {
        "type": "object",
        "properties": {"headline": {"type": "string"}, "reason": {"type": "string"}},
        "required": ["headline", "reason"],
    }
    free = [content(openrouter, asked(schema)) for _ in range(2)]
    seeded = [content(openrouter, asked(schema) | {"seed": 5}) for _ in range(2)]
    assert free[0] != free[1]
    assert seeded[0] == seeded[1]


def test_a_stream_ends_with_usage_and_done(openrouter: Vendor) -> None:
    """Comments are sent between the pieces, the usage comes without choices, [DONE] is last, and the pieces make the answer."""
    body = asked(SCHEMAS["a bare list"]) | {"stream": True}
    answer = openrouter.post("/chat/completions", json=body)
    events = [event for event in answer.text.split("\n\n") if event]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events if event.startswith("data: {")]
    assert events[0] == ": OPENROUTER PROCESSING"
    assert events[-1] == "data: [DONE]"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["cost"] > 0
    assert [chunk for chunk in chunks if "usage" in chunk] == [chunks[-1]]
    text = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    jsonschema.validate(json.loads(text), SCHEMAS["a bare list"])


def test_a_stream_may_fail_in_the_middle(openrouter: Vendor, sandbox: SandboxProcess) -> None:
    """Status 200, an error event, no [DONE]."""
    sandbox.fault(vendor="openrouter", mode="error_in_answer", times=1)
    answer = openrouter.post("/chat/completions", json=asked(SCHEMAS["a bare list"]) | {"stream": True})
    assert answer.status_code == 200
    assert '"error"' in answer.text
    assert "[DONE]" not in answer.text


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic sk", "bearer-less"])
def test_a_wrong_key_is_refused(openrouter: Vendor, header: str) -> None:
    """401 in OpenRouter's shape."""
    answer = openrouter.post("/chat/completions", json={"messages": []}, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 401)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": "a"}], "temprature": 1},
        {"messages": []},
        {"messages": [{"role": "robot", "content": "a"}]},
        {"messages": [{"role": "user", "content": "a"}], "temperature": 3},
        {
            "messages": [{"role": "user", "content": "a"}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "a b", "schema": {}}},
        },
    ],
    ids=["unknown field", "no message", "unknown role", "too hot", "bad name"],
)
def test_a_malformed_request_is_refused(openrouter: Vendor, sandbox: SandboxProcess, body: dict[str, Any]) -> None:
    """400, and nothing is billed."""
    assert openrouter.post("/chat/completions", json=body).status_code == 400
    assert sandbox.ledger(vendor="openrouter") == []


def test_the_second_model_serves_when_the_first_is_down(openrouter: Vendor) -> None:
    """The answer names the model that served."""
    body = {"messages": [{"role": "user", "content": "hello"}], "models": ["sandbox/unavailable", "openai/gpt-5-mini"]}
    assert openrouter.post("/chat/completions", json=body).json()["model"] == "openai/gpt-5-mini"


def test_rubbish_on_order_is_no_json(openrouter: Vendor, sandbox: SandboxProcess) -> None:
    """And it is billed like any answer."""
    sandbox.fault(vendor="openrouter", mode="garbage", times=1)
    answer = openrouter.post("/chat/completions", json=asked(SCHEMAS["a bare list"])).json()
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer["choices"][0]["message"]["content"])
    assert len(sandbox.ledger(vendor="openrouter")) == 1


def test_too_few_tokens_cut_the_answer(openrouter: Vendor) -> None:
    """With the finish reason that says so."""
    answer = openrouter.post("/chat/completions", json=asked(SCHEMAS["a bare list"]) | {"max_completion_tokens": 8}).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 8
