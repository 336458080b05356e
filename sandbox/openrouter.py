"""OpenRouter: chat completions as JSON or SSE, structured output, fallback models, the key's limits and past generations."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import Field, field_validator

from sandbox.credentials import OPENROUTER_KEY
from sandbox.faults import active_fault, is_spoiled
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, bearer_key, read_json
from sandbox.writing.answers import RUBBISH, prose, structured
from sandbox.writing.prompt import fingerprint, read_prompt
from sandbox.writing.schema import Unfillable

routes = Blueprint("openrouter", __name__)
API = "/api/v1"
CONTEXT_LENGTH = 200_000  # tokens
PROMPT_PRICE, COMPLETION_PRICE = 3e-6, 15e-6  # USD a token, of every model
UNAVAILABLE = "sandbox/unavailable"  # a model that is always down, to see the fallback
MODELS = ("anthropic/claude-sonnet-4.5", "openai/gpt-5-mini", "google/gemini-2.5-flash", UNAVAILABLE)
_CHARACTERS_PER_TOKEN = 4


class Message(Strict):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None
    name: str | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None


class JsonSchema(Strict):
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool = True
    description: str = ""


class ResponseFormat(Strict):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class Chat(Strict):
    messages: list[Message] = Field(min_length=1)
    model: str = MODELS[0]
    models: list[str] = Field(default_factory=list)
    provider: dict[str, Any] = Field(default_factory=dict)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float = Field(default=1, ge=0, le=2)
    top_p: float = Field(default=1, gt=0, le=1)
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float = Field(default=0, ge=-2, le=2)
    presence_penalty: float = Field(default=0, ge=-2, le=2)
    repetition_penalty: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    response_format: ResponseFormat | None = None
    tools: list[dict[str, Any]] = Field(default_factory=list)
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool = True
    reasoning: dict[str, Any] = Field(default_factory=dict)
    reasoning_effort: str | None = None
    plugins: list[dict[str, Any]] = Field(default_factory=list)
    stream: bool = False
    stream_options: dict[str, Any] = Field(default_factory=dict)
    usage: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, str] = Field(default={}, max_length=16)
    session_id: str | None = Field(default=None, max_length=256)
    user: str | None = None

    @field_validator("provider")
    @classmethod
    def _known_wishes(cls, value: dict[str, Any]) -> dict[str, Any]:
        known = "order only ignore allow_fallbacks require_parameters data_collection zdr sort quantizations max_price"
        if unknown := set(value) - {*known.split(), "preferred_min_throughput", "preferred_max_latency"}:
            raise ValueError(f"unknown routing wish {min(unknown)}")
        return value


@routes.before_request
def check_key() -> None:
    bearer_key(OPENROUTER_KEY)


@routes.post(f"{API}/chat/completions")
def chat() -> Response:
    asked = read_json(Chat)
    model = _serving_model(asked)
    content = _content(asked)
    limit = asked.max_completion_tokens or asked.max_tokens
    is_cut = limit is not None and _tokens(content) > limit
    content = content[: (limit or 0) * _CHARACTERS_PER_TOKEN] if is_cut else content
    answer = _answer(asked, model, content, "length" if is_cut else "stop")
    state = here()
    with state.store.transaction():
        state.store.put("openrouter.generation", answer["id"], answer)
        cost = {"model": model, "cost": answer["usage"]["cost"], "purpose": _purpose(asked)}
        state.ledger.record("openrouter", "completion", answer["id"], cost, at=state.clock.now())
    if asked.stream:
        return Response(_events(answer, fails=_fails()), mimetype="text/event-stream", headers={"X-Generation-Id": answer["id"]})
    return _whole(answer)


def _fails() -> bool:
    fault = active_fault()
    return fault is not None and fault.mode == "error_in_answer"


def _whole(answer: dict[str, Any]) -> Response:
    if _fails():
        answer["choices"][0] |= {"finish_reason": "error", "error": {"code": 502, "message": "Provider failed while it answered"}}
        answer["choices"][0]["message"]["content"] = ""
    response = jsonify(answer)
    response.headers["X-Generation-Id"] = answer["id"]
    return response


def _serving_model(asked: Chat) -> str:
    """The first of the asked models that can serve. Raises the last one's refusal."""
    for model in dict.fromkeys([asked.model, *asked.models] if "model" in asked.model_fields_set or not asked.models else asked.models):
        if not re.fullmatch(r"[\w.-]+/[\w.:-]+", model):
            raise Refused(400, f"{model} is not a valid model ID", code="invalid_request")
        if model != UNAVAILABLE:
            return model
    raise Refused(503, f"{UNAVAILABLE} is temporarily unavailable", code="provider_overloaded")


def _purpose(asked: Chat) -> str:
    wanted = asked.response_format.json_schema if asked.response_format else None
    return wanted.name if wanted else "prose"


def _content(asked: Chat) -> str:
    messages = [message.model_dump() for message in asked.messages]
    if sum(_tokens(json.dumps(m)) for m in messages) > CONTEXT_LENGTH:
        raise Refused(400, f"This endpoint's maximum context length is {CONTEXT_LENGTH} tokens", code="context_length_exceeded")
    if is_spoiled():
        return RUBBISH
    # What is asked about one site counts as one question: the brief in it has other words the second time.
    subject = read_prompt(_purpose(asked), messages).data.get("domain") or json.dumps(messages)
    question = fingerprint(_purpose(asked), str(subject))
    variation = asked.seed if asked.seed is not None else here().store.increment(f"question:{question}") - 1
    prompt = read_prompt(_purpose(asked), messages, variation=variation)
    wanted = asked.response_format
    if wanted is None or wanted.type == "text":
        return prose(prompt)
    if wanted.type == "json_schema" and wanted.json_schema is None:
        raise Refused(400, "response_format.json_schema is missing", code="invalid_request", param="response_format")
    schema = wanted.json_schema.schema_ if wanted.json_schema else {"type": "object"}
    try:
        return structured(prompt, schema)
    except Unfillable as error:
        raise Refused(400, f"response_format.json_schema is not supported: {error}", code="invalid_request") from None


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _answer(asked: Chat, model: str, content: str, reason: str) -> dict[str, Any]:
    sent = sum(_tokens(json.dumps(message.model_dump())) for message in asked.messages)
    got = _tokens(content)
    upstream = {"prompt": round(sent * PROMPT_PRICE, 8), "completions": round(got * COMPLETION_PRICE, 8)}
    cost = round(sum(upstream.values()), 8)
    return {
        "id": f"gen-{int(here().clock.now())}-{secrets.token_hex(8)}",
        "object": "chat.completion",
        "created": int(here().clock.now()),
        "model": model,
        "system_fingerprint": None,
        "choices": [
            {
                "index": 0,
                "finish_reason": reason,
                "native_finish_reason": reason,
                "logprobs": None,
                "message": {"role": "assistant", "content": content, "refusal": None, "reasoning": None},
            }
        ],
        "usage": {
            "prompt_tokens": sent,
            "completion_tokens": got,
            "total_tokens": sent + got,
            "cost": cost,
            "is_byok": False,
            "cost_details": {
                "upstream_inference_cost": cost,
                "upstream_inference_prompt_cost": upstream["prompt"],
                "upstream_inference_completions_cost": upstream["completions"],
            },
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def _events(answer: dict[str, Any], *, fails: bool) -> Iterator[str]:
    """Comments, deltas of a few words, the finish, the usage with no choices, the end."""
    content = answer["choices"][0]["message"]["content"]
    pieces = re.findall(r"\s*\S+(?:\s+\S+){0,7}|\s+$", content) or [content]
    yield ": OPENROUTER PROCESSING\n\n"
    for number, piece in enumerate(pieces):
        if fails and number == len(pieces) // 2:
            failed = {"error": {"code": 502, "message": "Provider disconnected", "metadata": {"error_type": "provider_unavailable"}}}
            yield _event(answer, [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}], **failed)
            return
        delta = {"role": "assistant", "content": piece} if number == 0 else {"content": piece}
        yield _event(answer, [{"index": 0, "delta": delta, "finish_reason": None, "native_finish_reason": None}])
    reason = answer["choices"][0]["finish_reason"]
    yield _event(answer, [{"index": 0, "delta": {"content": ""}, "finish_reason": reason, "native_finish_reason": reason}])
    yield ": OPENROUTER PROCESSING\n\n"
    yield _event(answer, [], usage=answer["usage"])
    yield "data: [DONE]\n\n"


def _event(answer: dict[str, Any], choices: list[dict[str, Any]], **more: Any) -> str:
    chunk = {name: answer[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk", "provider": "Sandbox"}
    return f"data: {json.dumps(chunk | {'choices': choices} | more)}\n\n"


@routes.get(f"{API}/models")
def models() -> Response:
    price = {"prompt": f"{PROMPT_PRICE:.7f}", "completion": f"{COMPLETION_PRICE:.7f}"}
    limits = {"context_length": CONTEXT_LENGTH, "max_completion_tokens": 64_000, "is_moderated": False}
    shared = {"context_length": CONTEXT_LENGTH, "pricing": price, "top_provider": limits, "per_request_limits": None}
    supported = ["response_format", "structured_outputs", "max_tokens", "temperature", "seed", "stop"]
    return jsonify(data=[{"id": m, "canonical_slug": m, "name": m, "supported_parameters": supported, **shared} for m in MODELS])


@routes.get(f"{API}/key")
def key() -> Response:
    used = sum(float(effect["body"]["cost"]) for effect in here().ledger.effects(vendor="openrouter"))
    numbers = {"usage": used, "usage_daily": used, "usage_weekly": used, "usage_monthly": used}
    return jsonify(data={"label": "sandbox", "limit": None, "limit_remaining": None, "limit_reset": None, "is_free_tier": False, **numbers})


@routes.get(f"{API}/credits")
def credits_total() -> Response:
    raise Refused(403, "Only management keys can read credits", code="permission_denied")


@routes.get(f"{API}/generation")
def generation() -> Response:
    found = here().store.get("openrouter.generation", request.args.get("id", ""))
    if found is None:
        raise Refused(404, "Generation not found", code="not_found")
    usage = found["usage"]
    told = {"id": found["id"], "model": found["model"], "total_cost": usage["cost"], "usage": usage["cost"], "cancelled": False}
    told |= {"tokens_prompt": usage["prompt_tokens"], "tokens_completion": usage["completion_tokens"], "provider_name": "Sandbox"}
    return jsonify(data=told | {"finish_reason": found["choices"][0]["finish_reason"], "created_at": found["created"]})


_TYPES = {
    "missing_key": "authentication",
    "invalid_key": "authentication",
    "unavailable": "provider_unavailable",
    "malformed_json": "invalid_request",
}


def _shape(refused: Refused) -> dict[str, Any]:
    kind = _TYPES.get(refused.code, refused.code)
    return {"error": {"code": refused.status, "message": refused.message, "metadata": {"error_type": kind} if kind else {}}}


vendor = Vendor("openrouter", routes, _shape)
