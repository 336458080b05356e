"""The client of Perplexity against the played one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from core.errors import DrumbeatError, OutcomeUnknown, VendorRejected, VendorThrottled, VendorUnauthorized, VendorUnavailable
from providers import registry
from providers.contracts.research import Researcher
from tests.providers.conftest import Behaviour, LocalServer, answering
from tests.stack import SandboxProcess

QUESTION = "Which makers of desk lamps compete with Quillmoor?"
SCHEMA = {
    "type": "object",
    "properties": {"competitors": {"type": "array", "items": {"type": "string"}}},
    "required": ["competitors"],
    "additionalProperties": False,
}
Serve = Callable[[Behaviour], LocalServer]


@pytest.fixture
def researcher(sandbox: SandboxProcess) -> Researcher:
    return registry.researcher()


def test_an_answer_names_its_sources_and_its_price(researcher: Researcher, sandbox: SandboxProcess) -> None:
    """Text, pages it was taken from, and a cost not above the estimate."""
    answer = researcher.ask(QUESTION, instructions="Be brief.")
    assert answer.text
    assert answer.citations
    assert all(c.url.startswith("http") and c.title for c in answer.citations)
    assert 0 < answer.cost <= researcher.estimate(QUESTION)
    assert researcher.simulated


def test_an_answer_fits_its_schema(researcher: Researcher) -> None:
    """JSON when a schema was asked for."""
    assert set(json.loads(researcher.ask(QUESTION, schema=SCHEMA).text)) == {"competitors"}


@pytest.mark.parametrize(
    ("mode", "error"),
    [("throttle", VendorThrottled), ("error", VendorUnavailable), ("unauthorized", VendorUnauthorized), ("lose_answer", OutcomeUnknown)],
)
def test_every_failure_has_its_error(researcher: Researcher, sandbox: SandboxProcess, mode: str, error: type[DrumbeatError]) -> None:
    """As for every vendor."""
    sandbox.fault(vendor="perplexity", mode=mode, times=1)
    with pytest.raises(error):
        researcher.ask(QUESTION)


@pytest.mark.parametrize(
    ("code", "expected"), [("internal_error", VendorUnavailable), ("invalid_request", VendorRejected), ("", VendorUnavailable)]
)
def test_a_run_that_failed_inside_a_200(serve: Serve, configure: Callable[..., None], code: str, expected: type[DrumbeatError]) -> None:
    """The status of the run counts, not the status line."""
    body = {"id": "resp_1", "status": "failed", "error": {"code": code, "message": "The run broke"}, "output": []}
    configure(PERPLEXITY_API_KEY="key", PERPLEXITY_BASE_URL=serve(answering(json.dumps(body).encode())).url)
    with pytest.raises(expected, match="The run broke"):
        registry.researcher().ask(QUESTION)


def test_sources_are_listed_once_and_in_order(serve: Serve, configure: Callable[..., None]) -> None:
    """Several searches may find the same page."""
    results = [{"url": f"https://{name}.example/", "title": name, "snippet": "s", "date": None} for name in ("one", "two", "one")]
    output = [
        {"type": "search_results", "results": results[:2]},
        {"type": "search_results", "results": results[2:]},
        {"type": "unknown_item"},
        {"type": "message", "content": [{"type": "output_text", "text": "Hello "}, {"type": "output_text", "text": "there"}]},
    ]
    body = {"id": "resp_1", "status": "completed", "output": output, "usage": {"cost": {"total_cost": 0.004}}}
    server = serve(answering(json.dumps(body).encode()))
    configure(PERPLEXITY_API_KEY="key", PERPLEXITY_BASE_URL=server.url)
    answer = registry.researcher().ask(QUESTION)
    assert [c.title for c in answer.citations] == ["one", "two"]
    assert answer.text == "Hello there"
    assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2])["tool_choice"] == {"type": "web_search"}
