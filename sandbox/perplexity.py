"""Perplexity: the Agent API (whole, streamed, in the background) and the Search API."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from sandbox.credentials import PERPLEXITY_KEY
from sandbox.faults import active_fault, is_spoiled
from sandbox.state import here
from sandbox.vendor import Refused, Strict, Vendor, bearer_key, read_json
from sandbox.writing import competitors
from sandbox.writing.answers import RUBBISH, prose, structured
from sandbox.writing.prompt import Prompt, fingerprint, read_prompt
from sandbox.writing.schema import Unfillable

routes = Blueprint("perplexity", __name__)
MODELS = ("perplexity/sonar", "openai/gpt-5-mini", "anthropic/claude-sonnet-4.5")
INPUT_PRICE, OUTPUT_PRICE, SEARCH_PRICE = 1e-6, 4e-6, 0.005  # USD: a token, a token, a search
LARGEST_BODY = 32 * 1024 * 1024
_QUEUED, _RUNNING = 0.5, 1.5  # seconds of a background response
Effort = Literal["fast", "low", "medium", "high", "xhigh"]


class Filters(Strict):
    search_domain_filter: list[str] = Field(default=[], max_length=20)
    search_recency_filter: Literal["hour", "day", "week", "month", "year"] | None = None
    search_after_date_filter: str | None = Field(default=None, pattern=r"^\d\d/\d\d/\d{4}$")
    search_before_date_filter: str | None = Field(default=None, pattern=r"^\d\d/\d\d/\d{4}$")
    last_updated_after_filter: str | None = Field(default=None, pattern=r"^\d\d/\d\d/\d{4}$")
    last_updated_before_filter: str | None = Field(default=None, pattern=r"^\d\d/\d\d/\d{4}$")


class WebSearch(Strict):
    type: Literal["web_search"]
    search_context_size: Literal["low", "medium", "high"] = "medium"
    max_tokens: int | None = None
    max_tokens_per_page: int | None = None
    user_location: dict[str, Any] | None = None
    filters: Filters = Filters()


class FetchUrl(Strict):
    type: Literal["fetch_url"]
    max_urls: int | None = None


class ToolChoice(Strict):
    type: Literal["web_search", "fetch_url"]


class Turn(Strict):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]]
    type: Literal["message"] = "message"


class JsonSchema(Strict):
    name: str
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool = True


class ResponseFormat(Strict):
    type: Literal["json_schema"]
    json_schema: JsonSchema


class Asked(Strict):
    input: str | list[Turn]
    model: str | None = None
    models: list[str] = Field(default=[], max_length=5)
    effort: Effort | None = None
    preset: Effort | None = None
    instructions: str = ""
    tools: list[Annotated[WebSearch | FetchUrl, Field(discriminator="type")]] = Field(default_factory=list)
    tool_choice: Literal["none", "auto", "required"] | ToolChoice = "auto"
    max_output_tokens: int | None = Field(default=None, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    reasoning: dict[str, Any] | None = None
    response_format: ResponseFormat | None = None
    stream: bool = False
    background: bool = False
    store: bool = True
    previous_response_id: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    language_preference: str | None = None
    prompt_cache_key: str | None = None
    service_tier: str | None = None

    @property
    def searches(self) -> bool:
        """A bare model call does not search; an effort does, and so does an offered search that is not ruled out."""
        offered = any(tool.type == "web_search" for tool in self.tools) and self.tool_choice != "none"
        return offered or self.effort is not None or self.preset is not None


class Search(Strict):
    query: str | list[str]
    max_results: int = Field(default=10, ge=1, le=20)
    max_tokens: int = 10_000
    max_tokens_per_page: int = 4096
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    search_domain_filter: list[str] = Field(default=[], max_length=20)
    search_language_filter: list[str] = Field(default=[], max_length=20)
    search_recency_filter: str | None = None
    search_mode: Literal["web", "academic", "sec"] = "web"
    search_type: Literal["web", "fast", "people"] = "web"
    search_context_size: Literal["low", "medium", "high"] = "medium"


@routes.before_request
def check_key() -> None:
    if request.endpoint != "perplexity.models":
        bearer_key(PERPLEXITY_KEY)
    if (request.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "The body is larger than 32 MiB", code="payload_too_large")


@routes.post("/v1/agent")
@routes.post("/v1/responses")
def respond() -> Response:
    asked = read_json(Asked)
    _check_model(asked)
    answer = _completed(asked)
    state = here()
    with state.store.transaction():
        state.store.put("perplexity.response", answer["id"], answer | {"background": asked.background, "asked_at": state.clock.now()})
        cost = {"cost": answer["usage"]["cost"]["total_cost"], "model": answer["model"]}
        state.ledger.record("perplexity", "response", answer["id"], cost, at=state.clock.now())
    if asked.stream:
        fault = active_fault()
        return Response(_events(answer, fails=fault is not None and fault.mode == "error_in_answer"), mimetype="text/event-stream")
    if asked.background:
        return jsonify(answer | {"status": "queued", "output": [], "usage": None, "background": True})
    return jsonify(answer)


@routes.get("/v1/responses/<response_id>")
def read_response(response_id: str) -> Response:
    kept = here().store.get("perplexity.response", response_id)
    if kept is None:
        raise Refused(404, f"Response {response_id} was not found", code="not_found")
    age = here().clock.now() - kept.pop("asked_at")
    if kept["background"] and age < _RUNNING:
        kept |= {"status": "queued" if age < _QUEUED else "in_progress", "output": [], "usage": None}
    return jsonify(kept)


@routes.get("/v1/models")
def models() -> Response:
    return jsonify(object="list", data=[{"id": model, "object": "model"} for model in MODELS])


@routes.post("/search")
def search() -> Response:
    asked = read_json(Search, status=422)
    question = asked.query if isinstance(asked.query, str) else " ".join(asked.query)
    found = competitors.search_results(read_prompt("search", [{"role": "user", "content": question}]))
    shown = [{name: result[name] for name in ("title", "url", "snippet", "date", "last_updated")} for result in found]
    return jsonify(id=secrets.token_hex(8), results=shown[: asked.max_results], server_time=None)


@routes.route("/chat/completions", methods=["POST"])
def retired() -> Response:
    raise Refused(410, "Sonar is now the Agent API: use POST /v1/responses", code="invalid_request")


def _check_model(asked: Asked) -> None:
    named = [*([asked.model] if asked.model else []), *asked.models]
    if not named and asked.effort is None and asked.preset is None:
        raise Refused(400, "One of model, models, effort and preset is required", code="invalid_request", param="model")
    for model in named:
        if not re.fullmatch(r"[\w.-]+/[\w.:-]+", model) or model == "perplexity/sonar-pro":
            raise Refused(400, f"Model {model} does not exist", code="invalid_model", param="model")
        if model.startswith("anthropic/") and asked.max_output_tokens is None:
            raise Refused(400, "max_output_tokens is required for anthropic models", code="invalid_parameter", param="max_output_tokens")


def _prompt(asked: Asked) -> Prompt:
    turns: list[dict[str, Any]] = [{"role": "system", "content": asked.instructions}]
    turns += [{"role": "user", "content": asked.input}] if isinstance(asked.input, str) else [turn.model_dump() for turn in asked.input]
    name = asked.response_format.json_schema.name if asked.response_format else "prose"
    variation = here().store.increment(f"question:{fingerprint('perplexity', json.dumps(turns))}") - 1
    return read_prompt(name, turns, variation=variation)


def _completed(asked: Asked) -> dict[str, Any]:
    prompt = _prompt(asked)
    results = competitors.search_results(prompt) if asked.searches else []
    text = _text(asked, prompt, results)
    message = {"type": "message", "id": f"msg_{secrets.token_hex(8)}", "role": "assistant", "status": "completed"}
    output: list[dict[str, Any]] = (
        [{"type": "search_results", "queries": [f"competitors of {prompt.brand_name}"], "results": results}] if results else []
    )
    output.append(message | {"content": [{"type": "output_text", "text": text, "annotations": []}]})
    now = int(here().clock.now())
    return {
        "id": f"resp_{secrets.token_hex(12)}",
        "object": "response",
        "created_at": now,
        "completed_at": now,
        "status": "completed",
        "model": asked.model or (asked.models or [MODELS[0]])[0],
        "output": output,
        "usage": _usage(len(prompt.prose) // 4 + 1, len(text) // 4 + 1, searches=bool(results)),
    }


def _text(asked: Asked, prompt: Prompt, results: list[dict[str, Any]]) -> str:
    if is_spoiled():
        return RUBBISH
    if asked.response_format is None:
        told = " ".join(f"{result['snippet']} [{result['id']}]" for result in results)
        return told or prose(prompt)
    schema = asked.response_format.json_schema.schema_
    suggestion = competitors.write(prompt, results) if "competitors" in schema.get("properties", {}) else None
    try:
        return structured(prompt, schema, suggestion)
    except Unfillable as error:
        raise Refused(502, f"No answer fits the schema: {error}", code="upstream_structured_output_failed") from None


def _usage(sent: int, got: int, *, searches: bool) -> dict[str, Any]:
    tools = SEARCH_PRICE if searches else 0.0
    cost = {"currency": "USD", "input_cost": sent * INPUT_PRICE, "output_cost": got * OUTPUT_PRICE, "tool_calls_cost": tools}
    total = round(sent * INPUT_PRICE + got * OUTPUT_PRICE + tools, 8)
    usage: dict[str, Any] = {"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got, "cost": cost | {"total_cost": total}}
    if searches:
        usage["tool_calls_details"] = {"search_web": {"invocation": 1, "cost_usd": SEARCH_PRICE}}
    return usage


def _events(answer: dict[str, Any], *, fails: bool) -> Iterator[str]:
    """Numbered events; the last one tells how it ended, and no [DONE] follows."""
    text = answer["output"][-1]["content"][0]["text"]
    begun = answer | {"status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]
    events += [{"type": "response.output_item.added", "item": item} for item in answer["output"]]
    events += [{"type": "response.output_text.delta", "delta": text[n : n + 80]} for n in range(0, len(text), 80)]
    if fails:
        events.append({"type": "response.failed", "response": begun | {"status": "failed", "error": {"message": "failed as ordered"}}})
    else:
        events += [{"type": "response.output_text.done", "text": text}, {"type": "response.completed", "response": answer}]
    for number, event in enumerate(events):
        yield f"data: {json.dumps(event | {'sequence_number': number})}\n\n"


def _shape(refused: Refused) -> dict[str, Any]:
    kinds = {
        429: "request_rate_limit_exceeded",
        401: "forbidden",
        403: "forbidden",
        404: "not_found",
        500: "internal_error",
        503: "internal_error",
    }
    error: dict[str, Any] = {
        "message": refused.message,
        "type": kinds.get(refused.status, refused.code or "invalid_request"),
        "code": refused.status,
    }
    return {"error": error | ({"param": refused.param} if refused.param else {})}


def _throttled(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds), "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(seconds)}


vendor = Vendor("perplexity", routes, _shape, _throttled)
