"""Perplexity's Agent API."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.sandbox.conftest import Vendor

MODEL = {"model": "perplexity/sonar"}
SEARCH = {"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}}


def test_a_search_comes_before_the_message(perplexity: Vendor) -> None:
    """Sources are an output item of their own, all on addresses reserved for examples."""
    answer = perplexity.post("/v1/responses", json={"input": "Who competes with Brand?", **MODEL, **SEARCH}).json()
    assert [item["type"] for item in answer["output"]] == ["search_results", "message"]
    assert all(".example/" in result["url"] for result in answer["output"][0]["results"])
    assert answer["usage"]["cost"]["total_cost"] > 0


def test_a_bare_call_does_not_search(perplexity: Vendor) -> None:
    """No tool, no preset: no sources."""
    answer = perplexity.post("/v1/agent", json={"input": "Who competes with Brand?", **MODEL}).json()
    assert [item["type"] for item in answer["output"]] == ["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"search_mode": "web"},
        {"tools": [{"type": "web_search", "filters": {"domains": []}}]},
        {"tools": [{"type": "browser"}]},
        {"model": "perplexity/sonar-pro"},
        {"model": "anthropic/claude-sonnet-4.5"},
    ],
    ids=["unknown field", "unknown nested field", "unknown tool", "retired model", "anthropic without a limit"],
)
def test_a_malformed_request_is_refused(perplexity: Vendor, wrong: dict[str, Any]) -> None:
    """400 with the error object."""
    answer = perplexity.post("/v1/responses", json={"input": "a", **MODEL, **wrong})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)


def test_a_background_response_is_polled(perplexity: Vendor) -> None:
    """Queued at first, with an empty output, completed later."""
    started = perplexity.post("/v1/responses", json={"input": "a", "background": True, **MODEL}).json()
    assert (started["status"], started["output"]) == ("queued", [])
    deadline = time.monotonic() + 20
    while (found := perplexity.get(f"/v1/responses/{started['id']}").json())["status"] != "completed":
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert found["output"]


def test_a_stream_ends_without_done(perplexity: Vendor) -> None:
    """Numbered events, the last one `response.completed`."""
    lines = perplexity.post("/v1/responses", json={"input": "a", "stream": True, **MODEL}).text.split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.completed"


def test_the_retired_api_says_so(perplexity: Vendor) -> None:
    """With the vendor's words."""
    assert "Sonar is now the Agent API" in perplexity.post("/chat/completions", json={}).json()["error"]["message"]
