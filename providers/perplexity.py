"""Perplexity: answers from the web with their sources, by the Agent API (`/v1/responses`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.errors import VendorRejected, VendorUnavailable
from core.settings import Settings
from providers import prices
from providers.contracts.research import Citation, ResearchAnswer
from providers.http import VendorClient

_ANSWER_TOKENS = 4000
_UNFIT = ("invalid", "content", "too_large")  # beginnings and parts of codes that no repetition heals


class Perplexity:
    """A Researcher. The search is forced: offering the tool alone lets the model answer from memory."""

    vendor = "perplexity"

    def __init__(self, settings: Settings) -> None:
        self.simulated = settings.is_simulated(settings.perplexity_base_url)
        self._model = settings.perplexity_model
        self._client = VendorClient(
            self.vendor,
            settings.perplexity_base_url,
            headers={"Authorization": f"Bearer {settings.perplexity_api_key.get_secret_value()}"},
            variables="PERPLEXITY_API_KEY",
            patience=4,
        )

    def estimate(self, question: str) -> Decimal:
        return prices.RESEARCH_QUESTION

    def ask(self, question: str, *, instructions: str = "", schema: dict[str, Any] | None = None) -> ResearchAnswer:
        found = self._client.document(self._client.call("POST", "/v1/responses", json=self._body(question, instructions, schema)))
        if found.get("status") not in ("completed", "incomplete"):
            raise self._failed(found)
        output = [item for item in found.get("output") or [] if isinstance(item, dict)]
        return ResearchAnswer(
            text="".join(_texts(output)),
            citations=tuple(_citations(output)),
            cost=Decimal(str(((found.get("usage") or {}).get("cost") or {}).get("total_cost") or 0)),
            model=str(found.get("model") or self._model),
            vendor_id=str(found.get("id") or ""),
        )

    def _body(self, question: str, instructions: str, schema: dict[str, Any] | None) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "input": question,
            "tools": [{"type": "web_search"}],
            "tool_choice": {"type": "web_search"},
            "max_output_tokens": _ANSWER_TOKENS,
        }
        if instructions:
            body["instructions"] = instructions
        if schema is not None:
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
        return body

    def _failed(self, found: dict[str, Any]) -> VendorRejected | VendorUnavailable:
        """A run that failed although the call answered 200."""
        error = found.get("error") or {}
        detail = f"the run ended as {found.get('status')}: {str(error.get('message') or 'no reason given')[:300]}"
        unfit = any(part in str(error.get("code") or "") for part in _UNFIT)
        return (VendorRejected if unfit else VendorUnavailable)(detail, vendor=self.vendor)


def _texts(output: list[dict[str, Any]]) -> list[str]:
    parts = [part for item in output if item.get("type") == "message" for part in item.get("content") or []]
    return [str(part.get("text") or "") for part in parts if part.get("type") == "output_text"]


def _citations(output: list[dict[str, Any]]) -> list[Citation]:
    results = [r for item in output if item.get("type") == "search_results" for r in item.get("results") or []]
    first: dict[str, dict[str, Any]] = {}
    for result in results:
        if isinstance(result.get("url"), str):
            first.setdefault(result["url"], result)
    return [
        Citation(url=url, title=str(r.get("title") or url), snippet=str(r.get("snippet") or ""), date=r.get("date"))
        for url, r in first.items()
    ]
