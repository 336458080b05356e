"""OpenRouter: text from any of many models, by its chat completions endpoint."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.errors import DrumbeatError, VendorRejected, VendorUnavailable
from core.settings import Settings
from providers import prices
from providers.contracts.text import TextAnswer, TextRequest
from providers.http import VendorClient
from providers.refusals import Reply, message, refusal, wait_seconds


class OpenRouter:
    """A TextModel. Structured answers are asked for with `provider.require_parameters`, so that no provider ignores the schema."""

    vendor = "openrouter"

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.openrouter_base_url)
        self._model = settings.openrouter_model
        self._client = VendorClient(
            self.vendor,
            settings.openrouter_base_url,
            headers={"Authorization": f"Bearer {settings.openrouter_api_key.get_secret_value()}"},
            variables="OPENROUTER_API_KEY",
            patience=4,
            judge=_judge,
        )

    def estimate(self, request: TextRequest) -> Decimal:
        characters = sum(len(m["content"]) for m in request.messages) + len(str(request.schema or ""))
        return prices.text_tokens(self._model, characters=characters, max_tokens=request.max_tokens)

    def complete(self, request: TextRequest) -> TextAnswer:
        reply = self._client.call("POST", "/chat/completions", json=self._body(request))
        found = self._client.document(reply)
        choice: dict[str, Any] = next(iter(found.get("choices") or []), {})
        if error := found.get("error") or choice.get("error"):
            raise _error_inside(reply, error)
        if choice.get("finish_reason") == "content_filter":
            raise VendorRejected("the model refused to answer (content filter)", vendor=self.vendor)
        return TextAnswer(
            text=str((choice.get("message") or {}).get("content") or ""),
            model=str(found.get("model") or self._model),
            cost=Decimal(str((found.get("usage") or {}).get("cost") or 0)),
            vendor_id=str(found.get("id") or reply.headers.get("X-Generation-Id", "")),
        )

    def _body(self, request: TextRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": list(request.messages),
            "max_completion_tokens": request.max_tokens,
        }
        if request.schema is not None:
            shape = {"name": request.purpose[:64], "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
            body["provider"] = {"require_parameters": True}
        return body


def _judge(reply: Reply) -> DrumbeatError | None:
    """403 with reasons is moderation, not the key; `availability` knows better than the status whether to come back."""
    error = reply.body().get("error") if isinstance(reply.body(), dict) else None
    if not isinstance(error, dict):
        return None
    if reply.status == 403 and "reasons" in (error.get("metadata") or {}):
        return VendorRejected(f"the prompt was refused by moderation: {message(reply)}", vendor=reply.vendor)
    availability = error.get("availability") or {}
    if reply.status != 429 and availability.get("retryable") is True:
        wait = availability.get("retry_after") or wait_seconds(reply.headers)
        return VendorUnavailable(f"{reply.status} {message(reply)}", vendor=reply.vendor, retry_after=wait)
    return None


def _error_inside(reply: Reply, error: Any) -> DrumbeatError:
    """An error that came with status 200, as if it had come with its own code."""
    code = error.get("code") if isinstance(error, dict) else None
    return refusal(reply, variables="OPENROUTER_API_KEY", status=code if isinstance(code, int) and code >= 400 else 502)
